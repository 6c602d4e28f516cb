"""Where this process stands among the workers of a training, and the strategy that they share.

The environment says it: `TF_CONFIG`, as Kubernetes' training operator, Vertex AI and `keras-course --workers` set it,
or the variables of a Slurm step (`srun`). The first worker is the chief, who alone writes the run folder. TensorFlow is
imported only to make a strategy.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("chief", "worker")
SLURM_PORTS = range(20_000, 40_000)  # of which a job takes those that its number says
ACCEPTED = ("MirroredStrategy", "MultiWorkerMirroredStrategy", "OneDeviceStrategy")


@dataclass(frozen=True)
class Worker:
    """One of the processes that train a model together.

    Args:
        index: 0 is the chief.
        count: How many there are.

    Example:
        >>> Worker().is_chief, Worker(index=1, count=2).is_chief
        (True, False)
    """

    index: int = 0
    count: int = 1

    @property
    def is_chief(self) -> bool:
        """Whether it writes the run folder."""
        return self.index == 0


def worker_of_environment(environment: Mapping[str, str] | None = None) -> Worker:
    """Reads from `TF_CONFIG`, or the variables of a Slurm step, which worker this process is; alone without them.

    Args:
        environment: None takes that of this process.

    Raises:
        ValueError: If `TF_CONFIG` is damaged, or has other tasks than workers and a chief; or if Slurm's variables
            don't say which of how many tasks this is.

    Example:
        >>> worker_of_environment({"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_NODELIST": "n[1-2]"})
        Worker(index=1, count=4)
    """
    environment = os.environ if environment is None else environment
    if "TF_CONFIG" in environment:
        return _worker_of_config(environment["TF_CONFIG"])
    return _worker_of_slurm(environment) if "SLURM_STEP_NODELIST" in environment else Worker()


def _worker_of_slurm(environment: Mapping[str, str]) -> Worker:
    names = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
    index, count = found = [environment.get(name, "") for name in names]
    if not all(text.isdecimal() for text in found) or int(index) >= int(count):
        raise ValueError(
            "`SLURM_PROCID` must be a whole number below SLURM_STEP_NUM_TASKS, as `srun` sets them. "
            f"Received: {', '.join(f'{name}={environment.get(name)!r}' for name in names)}"
        )
    return Worker(int(index), int(count))


def _worker_of_config(text: str) -> Worker:
    try:
        config = json.loads(text)
        cluster = dict(config.get("cluster") or {})
        count = sum(map(len, cluster.values()))
        alone: Any = {"type": "worker", "index": 0} if count < 2 else None
        task = config.get("task") or alone
        role, index = str(task["type"]), int(task["index"])
        known = not cluster or (role in cluster and 0 <= index < len(cluster[role]))
        listed = all(isinstance(addresses, list) for addresses in cluster.values())
        if not known or not listed or not {*cluster, role} <= {*ROLES} or len(cluster.get("chief", ())) > 1:
            raise ValueError("no task of workers and a chief")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(
            '`TF_CONFIG` must be JSON such as {"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": '
            f'"worker", "index": 0}}}}, with no other roles than "worker" and one "chief". Received: TF_CONFIG={text}'
        ) from error
    before = len(cluster.get("chief", ())) if role == "worker" else 0
    return Worker(before + index, max(1, count))


def strategy_of_environment(*, devices: bool = True) -> Any:
    """Makes the `tf.distribute` strategy that the environment asks for, before TensorFlow computes anything.

    Args:
        devices: Whether several GPUs of one machine ask for a strategy.

    Returns:
        `MultiWorkerMirroredStrategy` where `TF_CONFIG` or Slurm name several workers, `MirroredStrategy` where this
        machine has several GPUs, else None.

    Raises:
        ValueError: As `worker_of_environment` does.

    Example:
        >>> strategy_of_environment(devices=False) is None
        True
    """
    several = worker_of_environment().count > 1
    if not several and not devices:
        return None
    import tensorflow as tf

    if several:
        resolver = None if "TF_CONFIG" in os.environ else _slurm_resolver(tf)
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    return tf.distribute.MirroredStrategy() if len(tf.config.list_physical_devices("GPU")) > 1 else None


def _slurm_resolver(tf: Any) -> Any:
    """Reads the addresses of the tasks; without GPUs the resolver wants one invented for each task."""
    base = SLURM_PORTS[int(os.environ.get("SLURM_JOB_ID", "0")) % (len(SLURM_PORTS) // 64) * 64]
    if tf.config.list_physical_devices("GPU"):
        return tf.distribute.cluster_resolver.SlurmClusterResolver(port_base=base)
    a_node = _tasks_per_node(os.environ.get("SLURM_STEP_TASKS_PER_NODE", ""))
    return tf.distribute.cluster_resolver.SlurmClusterResolver(
        port_base=base, gpus_per_node=a_node, gpus_per_task=1, auto_set_gpu=False
    )


def _tasks_per_node(text: str) -> int:
    """Returns the highest number in "2(x3),1"."""
    if re.fullmatch(r"\d+(\(x\d+\))?(,\d+(\(x\d+\))?)*", text) is None:
        raise ValueError(
            "`SLURM_STEP_TASKS_PER_NODE` must be numbers such as '2(x3),1', as `srun` sets it. "
            f"Received: SLURM_STEP_TASKS_PER_NODE={text!r}"
        )
    return max(int(part.partition("(")[0]) for part in text.split(","))


def worker_of(strategy: Any) -> Worker:
    """Returns which worker of a strategy this process is; alone without one, or with one for this machine only.

    Args:
        strategy: A `tf.distribute` strategy, or None.

    Example:
        >>> worker_of(None)
        Worker(index=0, count=1)
    """
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or not (cluster := resolver.cluster_spec()) or resolver.task_type is None:
        return Worker()
    before = cluster.num_tasks("chief") if resolver.task_type == "worker" and "chief" in cluster.jobs else 0
    return Worker(before + resolver.task_id, sum(cluster.num_tasks(job) for job in cluster.jobs))


def share_of(strategy: Any) -> Any:
    """Returns the `Share` of this process: which rows of a batch its replicas take; None without a strategy.

    Args:
        strategy: A `tf.distribute` strategy, or None.

    Example:
        >>> share_of(None) is None
        True
    """
    if strategy is None:
        return None
    from keras_course.data.pipeline import Share

    worker, count = worker_of(strategy), strategy.num_replicas_in_sync
    own = count // worker.count
    return Share(worker.index * own, (worker.index + 1) * own, count)


def check_strategy(strategy: Any) -> None:
    """Raises a ValueError unless a training can use the strategy, and nothing else asks for several devices.

    Example:
        >>> check_strategy(None)
    """
    import keras
    import tensorflow as tf

    if keras.distribution.distribution() is not None:
        raise ValueError(
            "`strategy` must be a tf.distribute strategy for several devices: Keras on TensorFlow accepts a "
            "keras.distribution and trains on one device. Received: keras.distribution.distribution()="
            f"{keras.distribution.distribution()!r}; undo it with keras.distribution.set_distribution(None)"
        )
    if strategy is None:
        return
    if not isinstance(strategy, tuple(getattr(tf.distribute, name) for name in ACCEPTED)):
        raise ValueError(
            f"`strategy` must be None or one of tf.distribute's {', '.join(ACCEPTED)}. Received: strategy={strategy!r}"
        )
    if tf.distribute.has_strategy():
        raise ValueError(
            "`strategy` must be given outside of `with strategy.scope():`, which the training enters where it needs "
            f"it. Received: strategy={strategy!r} inside the scope of {tf.distribute.get_strategy()!r}"
        )
