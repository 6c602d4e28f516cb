"""The gradient of every layer at every step, measured inside the compiled train step.

How it works, in the order in which it happens:

1. `fit` calls `GradientNormMonitor.on_train_begin`. The monitor makes a `GradientRecorder` for each optimizer of the
   model and lets the model compile a second train function, a twin whose train step runs with the recorders attached:
   `optimizer.apply` records the gradients it is given and then does what it always does. The model's own train
   function stays as it is.
2. `on_train_batch_begin` puts the twin in place for one step. The twin puts the original back before it runs, so the
   model is never left changed, whatever fails.
3. Inside that step the recorder writes one row into a ring buffer on the device: half the sum of squares of each
   variable's gradient. Nothing is read on the host, which is why watching costs a few percent. At one recorded step in
   25 it also copies the weights, and at the next step it writes the norm of their change over their own norm.
   With gradient accumulation the row is that of the applied mean, at the steps that apply one.
4. Before the buffer is full, at the end of each epoch, and whenever you ask, `collect` moves the rows to the host and
   makes norms of layers out of them: sums over the variables of a layer, square roots, loss scale undone.
5. `on_epoch_end` puts means over the epoch into the logs; `on_train_end` frees the buffers.
6. `norms`, `update_ratios`, `plot()` show the tables; `report()` compares each layer with the last one (`verdicts.py`).

In a training loop of your own, `monitor.record(gradients, model)` takes the place of steps 1 and 2.

`monitor.py` is the callback, `train_step.py` makes the twin, `recorder.py` has the arithmetic, `ring.py` the ring
buffers, `verdicts.py` the judgement.
"""
