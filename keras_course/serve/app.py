"""The HTTP interface: TensorFlow Serving's REST paths, the page, and metrics."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keras_course.files import is_version
from keras_course.reading import reason
from keras_course.serve.answers import ANSWERS, json_answer
from keras_course.serve.door import Door
from keras_course.serve.errors import RefusedError, bad_request
from keras_course.serve.limits import Limits
from keras_course.serve.looking import describe, look, takes_pictures
from keras_course.serve.metrics import Metrics
from keras_course.serve.models import ServedModel, Version, serve_by_name
from keras_course.serve.page_files import SECURITY, page_files
from keras_course.serve.pictures import PictureReader
from keras_course.serve.predicting import answer_of
from keras_course.serve.receiving import Gate, form_of

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
LONGEST_NUMBER = 19  # digits of a version


def build_app(exports: Sequence[str | Path], *, limits: Limits | None = None, run: Any = None) -> Starlette:
    """Loads models and returns an ASGI application that serves them.

    Args:
        exports: Folders of exports, as `load_saved_model` takes them, at least one unless there is a `run`. A model's
            name is that of the folder of its versions.
        limits: What the server takes on; None takes the defaults of `Limits`.
        run: A `RunView`, the run whose curves the page shows; None for none.

    Raises:
        FileNotFoundError: If a folder holds no SavedModel.
        ValueError: If a SavedModel can't be read, or two have one name.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_saved_model
        >>> from keras_course.serve import build_app
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     version = export_saved_model(model, f"{folder}/insects")
        ...     list(build_app([f"{folder}/insects"]).state.server.models)
        ['insects']
    """
    server = Server(exports, limits or Limits(), run)
    at = "/v1/models/{name}"
    paths: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("POST", at + "/versions/{version}:predict", server.predict),
        ("POST", at + ":predict", server.predict),
        ("GET", at + "/versions/{version}/metadata", server.metadata),
        ("GET", at + "/metadata", server.metadata),
        ("GET", at + "/versions/{version}", server.status),
        ("GET", at, server.status),
        ("GET", "/metrics", server.metrics_text),
        ("GET", "/page/models", server.described),
        ("POST", "/page/models/{name}", server.look),
        ("GET", "/page/run", server.run_so_far),
        ("GET", "/page/run/film", server.film),
        *(("GET", path, answer) for path, answer in page_files().items()),
    ]
    app = Starlette(
        routes=[Route(path, endpoint, methods=[method]) for method, path, endpoint in paths],
        middleware=[Middleware(Door, gate=server.gate, metrics=server.metrics)],
        exception_handlers=ANSWERS,
        lifespan=server.lifespan,
    )
    app.state.server = server
    return app


class Server:
    """The models, and what answers requests for them.

    Args:
        exports: As for `build_app`.
        limits: As for `build_app`.
        run: As for `build_app`.

    Attributes:
        models: By name.
        gate: Counts the requests that are under way.
        metrics: Count the answers.
    """

    def __init__(self, exports: Sequence[str | Path], limits: Limits, run: Any = None):
        self._limits, self._run, self.gate = limits, run, Gate(limits)
        self.metrics = Metrics()
        self.models: dict[str, ServedModel] = {}
        if exports or run is None:
            self.models = serve_by_name(exports, limits, self.metrics.batch)
        for name in self.models:
            self.metrics.add(name)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette):
        """Looks for new versions while the server runs."""
        polling = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            polling.cancel()
            for model in self.models.values():
                model.executor.shutdown()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self._look_at_run()
            for model in self.models.values():
                try:
                    await asyncio.to_thread(model.refresh)
                except Exception as error:  # a folder that can't be read, for instance
                    logger.warning("%s: %s", model.name, reason(error))

    async def _look_at_run(self) -> None:
        """Serves the model of the run that is shown, once it has one."""
        if self._run is None:
            return
        try:
            folder = await asyncio.to_thread(self._run.new_export)
            if folder is not None and folder.name not in self.models:
                self.metrics.add(folder.name)
                model = await asyncio.to_thread(ServedModel, folder, self._limits, self.metrics.batch)
                self.models[model.name] = model
        except Exception as error:  # runs of some kinds have no export
            logger.warning("the model of the run isn't shown: %s", reason(error))

    async def predict(self, request: Request) -> Response:
        """Answers `:predict`."""
        start, name = time.perf_counter(), request.path_params["name"]
        status = 500
        try:
            version = self._version(request)
            async with self.gate.body(request) as body:
                answer = await answer_of(request, body, version, self._limits.max_pixels)
            status = 200
            return Response(answer, media_type="application/json")
        except RefusedError as error:
            status = error.status
            raise
        finally:
            self.metrics.request(name, status, time.perf_counter() - start)

    async def status(self, request: Request) -> Response:
        """Answers with the states of the versions of a model."""
        model, wanted = self._model(request), _number(request)
        states = [_state(model.current.number, "AVAILABLE", "OK")]
        states += [_state(number, "END", "UNKNOWN", why) for number, why in model.failed.items()]
        states = [state for state in states if wanted is None or state["version"] == str(wanted)]
        if not states:
            model.version(wanted)  # raises
        return json_answer({"model_version_status": states})

    async def metadata(self, request: Request) -> Response:
        """Answers with the signatures of a version."""
        version = self._version(request)
        spec = {"name": self._model(request).name, "signature_name": "", "version": str(version.number)}
        return json_answer({"model_spec": spec, "metadata": {"signature_def": {"signature_def": version.definitions}}})

    async def metrics_text(self, request: Request) -> Response:
        """Answers Prometheus."""
        numbers = {name: model.current.number for name, model in self.models.items()}
        return Response(self.metrics.text(self.gate.waiting, numbers), media_type="text/plain; version=0.0.4")

    async def described(self, request: Request) -> Response:
        """Tells the page which models there are."""
        return json_answer(
            {"models": [describe(model) for model in self.models.values()], "run": self._run is not None}
        )

    async def look(self, request: Request) -> Response:
        """Tells the page what a model says of a picture."""
        version = self._version(request)
        if not takes_pictures(version.saved):
            raise bad_request("This model takes no pictures that could be shown.")
        async with self.gate.body(request) as body:
            form = await form_of(request, body)
        decode = PictureReader(
            version.saved, max_pixels=self._limits.max_pixels, resize=form.resize, invert=form.invert
        )
        return json_answer(await asyncio.to_thread(lambda: look(version.saved, decode(form.pictures[0]), form.units)))

    async def run_so_far(self, request: Request) -> Response:
        """Tells the page how far a run is."""
        return json_answer(await asyncio.to_thread(self._shown_run().so_far))

    async def film(self, request: Request) -> Response:
        """Answers with the film of what a run makes, or while it trains with the last picture."""
        found = await asyncio.to_thread(self._shown_run().film)
        if found is None:
            raise RefusedError(404, "This run has no film, or none yet.")
        content, media = found
        return Response(content, media_type=media, headers=SECURITY)

    def _shown_run(self) -> Any:
        if self._run is None:
            raise RefusedError(404, "No run is shown: `keras-course show RUN` shows one.")
        return self._run

    def _model(self, request: Request) -> ServedModel:
        name = request.path_params["name"]
        if name not in self.models:
            raise RefusedError(404, f"Servable not found for request: Latest({name:.100})")
        return self.models[name]

    def _version(self, request: Request) -> Version:
        return self._model(request).version(_number(request))


def _number(request: Request) -> int | None:
    """Returns the version that a path names, None where it names none."""
    text = request.path_params.get("version")
    if text is not None and not (is_version(text) and len(text) <= LONGEST_NUMBER):
        raise RefusedError(404, f"A version must be a whole number. Received: {text!r:.60}")
    return None if text is None else int(text)


def _state(number: int, state: str, code: str, message: str = "") -> dict[str, Any]:
    status = {"error_code": code, "error_message": message}
    return {"version": str(number), "state": state, "status": status}
