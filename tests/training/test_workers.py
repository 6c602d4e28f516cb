"""Two processes train one model as one process would, with one run folder, through deaths and resumes."""

import contextlib
import json
import os
import pickle
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_strategy import RELATIVE, figures, images, normalised, perceptron

from keras_course.cli.workers import _cause, _explain, _shares
from keras_course.runs.cluster import (
    Worker,
    WorkerLostError,
    slurm_addresses,
    strategy_of_environment,
    worker_of_environment,
)
from keras_course.runs.folder import RunFolder

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import test_workers
test_workers.work(*sys.argv[2:])
"""
PATIENCE = 60  # seconds, within which a survivor ends


def work(task, folder):
    """Is one of the workers."""
    from keras_course.runs import page
    from keras_course.runs.cluster import strategy_of_environment, worker_of

    page.draw_png = lambda draw: b""  # nobody looks at the figures
    strategy = strategy_of_environment()
    worker, folder = worker_of(strategy), Path(folder)
    found = {"worker": worker}
    try:
        globals()[task](strategy, worker.index, folder, found)
    except ConnectionError as error:
        found["lost"] = f"{type(error).__name__}: {error}"
    (folder / f"{task}-{worker.index}").write_bytes(pickle.dumps(found))
    if "lost" in found:
        raise SystemExit(3)


def train(folder, strategy, **options):
    """Trains a small net with normalisation and dropout on the workers."""
    import keras

    from keras_course.callbacks import StepDecay
    from keras_course.training import train_classifier

    keras.utils.set_random_seed(3)
    model, data = normalised(0.3), images(25, 8)
    options |= {"optimizer": keras.optimizers.SGD(0.05, momentum=0.9), "decay": StepDecay(every=1)}
    return train_classifier(model, data, run_dir=folder, resume=True, verbose=0, strategy=strategy, **options)


def counting(found):
    """Returns a callback that notes the epochs it has seen."""
    import keras

    found["epochs"] = []
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: found["epochs"].append(epoch))


def killer(epoch):
    """Returns a callback that kills its process, the second worker, within an epoch."""
    import keras

    def kill(batch, logs=None):
        if (killing.epoch, batch) == (epoch, 1):
            os.kill(os.getpid(), signal.SIGKILL)

    def note(at, logs=None):
        killing.epoch = at

    killing = keras.callbacks.LambdaCallback(on_epoch_begin=note, on_train_batch_begin=kill)
    return [killing]


def together(strategy, index, folder, found):
    """Trains as one process and as two, whole and in two parts; at the end the second worker is killed."""
    import keras

    from keras_course.training import train_classifier

    clipped = keras.optimizers.SGD(0.2, momentum=0.9, global_clipnorm=0.3)
    for name, make, options in (
        ("clipped", perceptron, {"optimizer": clipped}),
        ("synchronized", normalised, {"optimizer": "adam"}),
    ):
        model, data = make(), images(25, 8)
        start = [np.random.default_rng(2).normal(0, 0.3, w.shape) if w.ndim > 1 else w for w in model.get_weights()]
        model.set_weights(start)
        one = figures(train_classifier(model, data, epochs=2, verbose=0, **options))
        model.set_weights(start)
        options |= {"strategy": strategy, "synchronized": name == "synchronized"}
        found[name] = one, figures(train_classifier(model, data, epochs=2, verbose=0, **options))
    early = keras.callbacks.EarlyStopping("val_loss", min_delta=1e9)  # one epoch without such a gain ends it
    options = {"strategy": strategy, "callbacks": [early] if index else ()}
    found["stopped"] = len(train_classifier(perceptron(), images(25, 8), epochs=4, verbose=0, **options).history)
    counter = counting(found)
    logger = keras.callbacks.CSVLogger(folder / "log.csv", append=True)
    run = train(folder / "whole", strategy, epochs=3, callbacks=[counter, logger])
    found["whole"], found["run_dir"] = figures(run), run.run_dir
    train(folder / "killed", strategy, epochs=3, callbacks=killer(1) if index else ())


def resumed(strategy, index, folder, found):
    """Goes on with the run of the killed worker."""
    found["killed"] = figures(train(folder / "killed", strategy, epochs=3, callbacks=[counting(found)]))


def places():
    """Returns what TF_CONFIG says in each of two workers on free ports."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two)]
    tasks = [{"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}} for index in (0, 1)]
    return [{"TF_CONFIG": json.dumps(task)} for task in tasks]


def slurm():
    """Returns what `srun` says in each of two tasks on this machine."""
    step = {
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_STEP_NUM_TASKS": "2",
        "SLURM_STEP_TASKS_PER_NODE": "2",
    }
    return [{**step, "SLURM_PROCID": str(index)} for index in (0, 1)]


def start(task, folder, environments):
    """Runs a task in two workers; returns what each has found, how it ended, and when after the first."""
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), task, str(folder)]
    workers = [subprocess.Popen(command, env={**os.environ, **environment}) for environment in environments]
    ends = {}
    while len(ends) < 2:
        ends |= {w: time.monotonic() for w in workers if w not in ends and w.poll() is not None}
        time.sleep(0.05)
        if ends and time.monotonic() - min(ends.values()) > PATIENCE:
            workers[0].kill()
            workers[1].kill()
    files = [folder / f"{task}-{index}" for index in (0, 1)]
    found = [pickle.loads(file.read_bytes()) if file.exists() else {} for file in files]
    return found, [worker.returncode for worker in workers], max(ends.values()) - min(ends.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("workers")


@pytest.fixture(scope="module")
def two(folder):
    return start("together", folder, places())


@pytest.mark.parametrize("case", ["clipped", "synchronized"])
def test_two_workers_equal_one_process(two, case):
    (chief, _), _, _ = two  # the other one is killed before it could say what it has found
    one, both = chief[case]
    np.testing.assert_allclose(both["history"], one["history"], rtol=RELATIVE)
    np.testing.assert_allclose(both["norms"], one["norms"], rtol=RELATIVE)
    for got, want in zip(both["weights"], one["weights"], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)


def test_a_callback_of_one_worker_ends_the_training_of_all(two):
    assert two[0][0]["stopped"] == 2


def test_the_chief_alone_writes(two, folder):
    (chief, _), _, _ = two
    assert chief["worker"] == Worker(0, 2)
    assert chief["run_dir"] == folder / "whole"
    assert chief["epochs"] == [0, 1, 2]
    assert len(pd.read_csv(folder / "log.csv")) == 3
    assert len(pd.read_csv(folder / "whole/history.csv")) == 3
    assert (folder / "whole/report.html").exists()


def test_a_killed_worker_is_noticed_by_the_other(two):
    (chief, _), codes, seconds = two
    assert codes == [3, -signal.SIGKILL]
    assert seconds < PATIENCE
    assert "worker 2 of 2 has ended or can't be reached; start all workers again with `resume=True`" in chief["lost"]


def test_resumed_by_all_under_slurm_they_end_with_the_weights_of_the_uninterrupted_run(two, folder):
    (chief, other), codes, _ = start("resumed", folder, slurm())
    assert codes == [0, 0]
    whole = two[0][0]["whole"]
    for found in (chief, other):
        assert found["epochs"] == [1, 2]
        for got, want in zip(found["killed"]["weights"], whole["weights"], strict=True):
            np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(chief["killed"]["history"], whole["history"], check_exact=True)
    pd.testing.assert_frame_equal(chief["killed"]["norms"], whole["norms"], check_exact=True)


LINE = "train perceptron --batch-size 500 --epochs 12 --decay none --workers 2 --run-dir"
RUN = [sys.executable, "-m", "keras_course.cli.app"]


def children_of(parent):
    """Returns the processes that a process has started."""
    return list(map(int, Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()))


@pytest.mark.parametrize(
    ("index", "said", "told"),
    [
        (0, "", "worker 1 of 2, the chief, ended or was interrupted"),
        (1, "error: worker 2 of 2 has ended or can't be reached", "worker 2 of 2 has ended"),
    ],
    ids=["the chief", "the other"],
)
def test_the_command_line_says_which_worker_was_killed_and_how_to_go_on(folder, digits_dir, index, said, told):
    run = folder / f"lost-{index}"
    command = [*RUN, *shlex.split(LINE), str(run), "--data-dir", str(digits_dir)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": folder}
    with subprocess.Popen(command, **pipes) as parent:
        while not (run / "checkpoint.npz").exists():
            assert parent.poll() is None
            time.sleep(0.02)
        os.kill(children_of(parent)[index], signal.SIGKILL)
        began = time.monotonic()
        _, errors = parent.communicate()
    assert time.monotonic() - began < PATIENCE
    assert parent.returncode == 2
    assert said in errors
    assert (
        f"error: worker {index + 1} of 2 was ended by SIGKILL, and the others end within a minute; keras-course"
        in errors
    )
    assert "--resume goes on from the last checkpoint, if there is one" in errors
    alone = subprocess.run([*command[:-2], "--resume", "--workers", "1"], capture_output=True, text=True, check=False)
    assert alone.returncode == 2
    assert "replicas was 2, now 1 (replicas: how many devices or `--workers` train)" in alone.stderr
    exports = folder / f"exports-{index}"
    again = [*RUN, "train", "--run-dir", str(run), "--resume", *command[-2:], "--export", str(exports)]
    ended = subprocess.run(again, capture_output=True, text=True, cwd=folder, check=False)
    epochs = len(pd.read_csv(run / "history.csv"))
    assert (ended.returncode, epochs) == (0, 12), ended.stderr
    assert re.fullmatch(rf"warning: Goes on after epoch \d+, where the training stopped: {told}.*\n", ended.stderr)
    assert ended.stdout.count("test accuracy") == 1
    assert len(list(exports.glob("perceptron_digits/*/saved_model.pb"))) == 1
    config = json.loads((run / "config.json").read_text())
    assert (config["replicas"], config["workers"]) == (2, 2)
    assert not [*run.glob(".*"), *run.glob("lost_worker*")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them(folder, digits_dir, number):
    run = folder / f"told-{number}"
    command = [*RUN, *shlex.split(LINE), str(run), "--data-dir", str(digits_dir), "--epochs", "5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        while len(workers := children_of(parent)) < 2 or (
            number == signal.SIGINT and not (run / "history.csv").exists()
        ):
            assert parent.poll() is None
            time.sleep(0.02)
        time.sleep(0.5)
        parent.send_signal(number)
        output, _ = parent.communicate(timeout=PATIENCE)
        assert parent.returncode == 128 + number
    assert ("--workers 2 --resume goes on" in output) == (number == signal.SIGINT)
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("first", "codes", "cause"),
    [(0, [3, 1], 1), (0, [3, -9], 1), (1, [3, 1], 1), (0, [1, 3], 0), (0, [3, 3], 0), (1, [-9, 3], 0)],
)
def test_the_worker_that_was_lost_is_blamed_and_not_who_noticed(first, codes, cause):
    assert _cause(first, codes) == cause


def test_what_another_worker_failed_of_is_shown(tmp_path, capfd):
    (tmp_path / "1").write_text("error: its disk is full\n")
    _explain(1, [3, 2], [tmp_path / "0", tmp_path / "1"])
    assert "error: its disk is full" in capfd.readouterr().err
    _explain(0, [2, 3], [tmp_path / "0", tmp_path / "1"])  # which has said it itself
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("visible", "shares"),
    [
        ("0,2,5,7", [{"CUDA_VISIBLE_DEVICES": "0,2"}, {"CUDA_VISIBLE_DEVICES": "5,7"}]),
        ("1", [{"CUDA_VISIBLE_DEVICES": "-1"}] * 2),
        ("", [{}, {}]),
    ],
)
def test_local_workers_share_the_gpus(visible, shares):
    assert _shares(visible, 2) == shares


@pytest.mark.parametrize(
    ("cluster", "task", "worker"),
    [
        ({"worker": ["a:1", "b:1", "c:1"]}, {"type": "worker", "index": 2}, Worker(2, 3)),
        ({"chief": ["a:1"], "worker": ["b:1", "c:1"]}, {"type": "worker", "index": 1}, Worker(2, 3)),
        ({"chief": ["a:1"], "worker": ["b:1"]}, {"type": "chief", "index": 0}, Worker(0, 2)),
        ({}, None, Worker(0, 1)),
    ],
)
def test_tf_config_says_which_worker_this_is(cluster, task, worker):
    assert worker_of_environment({"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}) == worker


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "[" * 5000, '{"cluster": {"ps": ["a:1"], "worker": ["b:1"]}, "task": {"type": "ps", "index": 0}}']
    + [
        json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        for cluster, index in (
            ({"worker": ["b:1"]}, 1),
            ({"worker": ["b:1"]}, -1),
            ({"worker": "b:1"}, 0),
            ({"worker": 2}, 0),
            ({"worker": ["b:1"]}, float("inf")),
            ({"chief": ["a:1", "b:1"], "worker": ["c:1"]}, 0),
            ({"worker": ["a", "b:1"]}, 0),
            ({"worker": ["a:1", "a:1"]}, 0),
            ({"worker": ["a:99999", "b:1"]}, 0),
            ({"worker": [1, 2]}, 0),
            ({"worker": ["a:1", "b:1"]}, 0.7),
            ({"worker": ["a:1", "b:1"]}, True),
        )
    ]
    + ['{"cluster": {"worker": ["a:1", "b:1"]}}', '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"index": 1}}'],
)
def test_a_damaged_tf_config_is_refused(text):
    with pytest.raises(ValueError, match="`TF_CONFIG` must be JSON"):
        worker_of_environment({"TF_CONFIG": text})


@pytest.mark.parametrize(
    "wrong",
    [{"SLURM_PROCID": "2"}, {"SLURM_PROCID": "first"}, {"SLURM_STEP_NUM_TASKS": ""}, {"SLURM_PROCID": "-1"}]
    + [{"SLURM_STEP_NUM_TASKS": "9" * 5000}],
)
def test_a_slurm_step_that_does_not_say_which_task_this_is_is_refused(wrong):
    with pytest.raises(ValueError, match="`SLURM_PROCID` must be a whole number below SLURM_STEP_NUM_TASKS"):
        worker_of_environment({**slurm()[1], **wrong})


STEP = {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_TASKS_PER_NODE": "2,1(x2)"}


def test_tasks_of_slurm_have_the_addresses_of_their_machines_in_its_order():
    step = STEP | {"SLURM_STEP_NODELIST": "node[9-10],a", "SLURM_JOB_ID": "3", "SLURM_NODEID": "0"}
    addresses, neighbours = slurm_addresses(step)
    assert addresses == ["node9:20192", "node9:20193", "node10:20192", "a:20192"]
    assert neighbours == [0, 1]
    assert slurm_addresses(step | {"SLURM_PROCID": "3", "SLURM_NODEID": "2"}) == (addresses, [3])


@pytest.mark.parametrize(
    "wrong",
    [
        {"SLURM_STEP_TASKS_PER_NODE": ""},
        {"SLURM_STEP_TASKS_PER_NODE": "2(x"},
        {"SLURM_STEP_TASKS_PER_NODE": "4"},
        {"SLURM_STEP_TASKS_PER_NODE": "2(x3)"},
        {"SLURM_STEP_NODELIST": "n[1-"},
    ],
)
def test_machines_and_tasks_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match="`SLURM_STEP_NODELIST` and SLURM_STEP_TASKS_PER_NODE must be such as"):
        slurm_addresses(STEP | {"SLURM_STEP_NODELIST": "n[1-3]"} | wrong)


@pytest.mark.parametrize("job", ["abc", "", "-5", "9" * 5000])
def test_a_job_without_a_number_is_refused(job):
    with pytest.raises(ValueError, match="`SLURM_JOB_ID` must be a whole number"):
        slurm_addresses(STEP | {"SLURM_STEP_NODELIST": "n[1-3]", "SLURM_JOB_ID": job})


def test_tasks_that_are_dealt_out_one_to_each_machine_in_turn_are_refused():
    with pytest.raises(ValueError, match="srun --distribution=block"):
        slurm_addresses(STEP | {"SLURM_STEP_NODELIST": "n[1-3]", "SLURM_PROCID": "1", "SLURM_NODEID": "1"})


def test_errors_of_tensorflow_are_of_another_worker_only_where_there_is_one():
    import tensorflow as tf

    from keras_course.runs.loop import losses_of_workers

    error = tf.errors.InternalError(None, None, "")
    with pytest.raises(tf.errors.InternalError), losses_of_workers(tf.distribute.get_strategy()):
        raise error
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"chief": ["a:1"], "worker": ["b:1", "c:1"]}), task_type="worker", task_id=0
    )
    strategy = types.SimpleNamespace(cluster_resolver=resolver)
    for message, lost in [
        ("", "another worker"),
        ("stopped:\n/job:worker/replica:0/task:1 (from /job:worker/replica:0/task:0)", "worker 3 of 3"),
        ("/job:chief/replica:0/task:0", "worker 1 of 3"),
        ("/job:chief/replica:0/task:0, /job:worker/replica:0/task:1", "another worker"),
    ]:
        with (
            pytest.raises(WorkerLostError, match=f"^{lost} has ended or can't be reached"),
            losses_of_workers(strategy),
        ):
            raise tf.errors.UnavailableError(None, None, message)


def test_workers_that_never_come_are_no_traceback(monkeypatch):
    import tensorflow as tf

    def missed(cluster_resolver):
        raise tf.errors.DeadlineExceededError(None, None, "Barrier timed out\nmore")

    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", missed)
    monkeypatch.setenv("TF_CONFIG", places()[0]["TF_CONFIG"])
    with pytest.raises(WorkerLostError, match=r"can't be reached; start all of them anew \(Barrier timed out\)"):
        strategy_of_environment()


def test_a_note_of_a_lost_worker_is_told_once(tmp_path, caplog):
    with contextlib.closing(RunFolder(tmp_path, {"kind": "own"}, resume=False)) as folder:
        folder.tell_loss(0, 2)  # of a new run nothing is said
        folder.tell_loss(3, 2)
        for epochs, finished in ((0, False), (3, True)):
            if finished:
                (tmp_path / "model.keras").touch()
            folder.write_loss("worker 2 of 2 has ended")
            folder.tell_loss(epochs, 2)
            folder.tell_loss(0, 2)
        folder.tell_loss(3, 2)  # a finished run goes on with more epochs
    assert [record.getMessage() for record in caplog.records] == [
        "Goes on after epoch 3, where the training stopped: worker 1 of 2, the chief, ended or was interrupted",
        "Starts anew, where the training stopped: worker 2 of 2 has ended",
        "Goes on after epoch 3, where the training stopped: worker 2 of 2 has ended",
    ]
