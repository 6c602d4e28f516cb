"""Requests that wait are computed together."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_course.export.signatures import Signature
from keras_course.serve.limits import Limits

Arrays = dict[str, np.ndarray]
_Answer = Arrays | Exception


class _Waiting(NamedTuple):
    inputs: Arrays
    rows: int
    form: tuple  # requests of one form can be joined
    since: float  # seconds of the event loop
    answer: asyncio.Future[Arrays]


class Batcher:
    """Runs a signature for many requests, several at a time where its inputs and outputs have an axis for that.

    While a batch is being computed, in a thread of the executor, the next one gathers. Where nothing is being computed
    a request waits for others for at most `max_wait_ms`.

    Args:
        signature: What is run.
        executor: Of one thread.
        limits: Its `max_batch` and `max_wait_ms` count.
        observe: Is told the number of rows of each batch.
    """

    def __init__(
        self,
        signature: Signature,
        executor: Executor,
        limits: Limits,
        observe: Callable[[int], None],
    ):
        self._signature, self._executor, self._observe = signature, executor, observe
        self._most, self._wait = limits.max_batch, limits.max_wait_ms / 1000
        self._queue: deque[_Waiting] = deque()
        self._busy = False
        self._timer: asyncio.Handle | None = None
        specs = [*signature.inputs.values(), *signature.outputs.values()]
        self._joins = all(spec.shape.rank and spec.shape[0] is None for spec in specs)

    async def run(self, inputs: Arrays) -> Arrays:
        """Returns the outputs for some inputs; more rows than a batch may have are computed in several batches.

        Raises:
            ValueError: If the model can't compute with them.
        """
        rows = {array.shape[0] for array in inputs.values()} if self._joins else set()
        if len(rows) != 1:  # or inputs of several lengths, of which the model may make what it wants
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._compute, inputs)
        (count,) = rows
        starts = range(0, count, self._most)
        if len(starts) == 1:
            return await self._enqueue(inputs, count)
        parts = [{name: array[start : start + self._most] for name, array in inputs.items()} for start in starts]
        answers = await asyncio.gather(*(self._enqueue(part, len(next(iter(part.values())))) for part in parts))
        return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}

    def _enqueue(self, inputs: Arrays, rows: int) -> asyncio.Future[Arrays]:
        loop = asyncio.get_running_loop()
        form = tuple(array.shape[1:] for array in inputs.values())
        self._queue.append(_Waiting(inputs, rows, form, loop.time(), loop.create_future()))
        self._start_soon(loop)
        return self._queue[-1].answer

    def _start_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sees to it that a batch starts when it is full, or its first request has waited long enough."""
        if self._busy or not self._queue:
            return
        due = self._queue[0].since + self._wait
        if sum(waiting.rows for waiting in self._queue) >= self._most:
            due = 0.0
        if self._timer is not None:
            self._timer.cancel()
        if due <= loop.time():
            self._timer = loop.call_soon(self._start, loop)  # after what arrived in the same instant
        else:
            self._timer = loop.call_at(due, self._start, loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        batch = self._next_batch()
        if batch:
            self._busy = True
            self._observe(sum(waiting.rows for waiting in batch))
            done = loop.run_in_executor(self._executor, self._answers, batch)
            done.add_done_callback(lambda future: self._finish(loop, batch, future.result()))

    def _next_batch(self) -> list[_Waiting]:
        """Takes from the queue what goes with its first request; who has gone away is left out."""
        batch: list[_Waiting] = []
        later: deque[_Waiting] = deque()
        rows = 0
        while self._queue and rows < self._most:
            waiting = self._queue.popleft()
            if waiting.answer.cancelled():
                continue
            if batch and (waiting.form != batch[0].form or rows + waiting.rows > self._most):
                later.append(waiting)
            else:
                batch.append(waiting)
                rows += waiting.rows
        self._queue.extendleft(reversed(later))
        return batch

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting], answers: list[_Answer]) -> None:
        self._busy = False
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(answer, Exception):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
        self._start_soon(loop)

    def _answers(self, batch: list[_Waiting]) -> list[_Answer]:
        """Computes a batch, in the executor's thread; where that fails each request alone, as one may be at fault."""
        ends = np.cumsum([waiting.rows for waiting in batch])
        try:
            inputs = batch[0].inputs
            if len(batch) == 1:
                return [self._compute(inputs)]
            joined = {name: np.concatenate([waiting.inputs[name] for waiting in batch]) for name in inputs}
            outputs = self._compute(joined)
            if {len(array) for array in outputs.values()} != {ends[-1]}:
                raise ValueError("the outputs have another number of rows than the inputs")
        except Exception as error:
            return [error] if len(batch) == 1 else [answer for one in batch for answer in self._answers([one])]
        bounds = zip((0, *ends[:-1]), ends, strict=True)
        return [{name: array[start:end] for name, array in outputs.items()} for start, end in bounds]

    def _compute(self, inputs: Arrays) -> Arrays:
        outputs = self._signature(**{name: tf.constant(array) for name, array in inputs.items()})
        return {name: tensor.numpy() for name, tensor in outputs.items()}
