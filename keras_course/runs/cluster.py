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
SHOWN = 500  # characters of a damaged variable
SLURM_PORTS = range(20_000, 40_000)  # of which a job takes those that its number says
ACCEPTED = ("MirroredStrategy", "MultiWorkerMirroredStrategy", "OneDeviceStrategy")


class WorkerLostError(ConnectionError):
    """Another worker has ended, so that this one can't go on.

    Example:
        >>> issubclass(WorkerLostError, OSError)
        True
    """


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
    if not all(map(_is_count, found)) or int(index) >= int(count):
        raise ValueError(
            "`SLURM_PROCID` must be a whole number below SLURM_STEP_NUM_TASKS, as `srun` sets them. "
            f"Received: {', '.join(f'{name}={environment.get(name)!r}' for name in names)}"
        )
    return Worker(int(index), int(count))


def _are_addresses(texts: list[Any]) -> bool:
    found = [re.fullmatch(r"\S+:([0-9]{1,5})", text) if isinstance(text, str) else None for text in texts]
    return all(one is not None and 0 < int(one[1]) < 2**16 for one in found) and len(set(texts)) == len(texts)


def _is_count(text: str) -> bool:
    return re.fullmatch("[0-9]{1,18}", text) is not None


def _worker_of_config(text: str) -> Worker:
    try:
        config = json.loads(text)
        cluster = dict(config.get("cluster") or {})
        count = sum(map(len, cluster.values()))
        alone: Any = {"type": "worker", "index": 0} if count < 2 else None
        task = config.get("task") or alone
        role, index = str(task["type"]), int(task["index"])
        if isinstance(task["index"], bool | float) or (count > 1 and not _are_addresses(sum(cluster.values(), []))):
            raise ValueError("no index, or no addresses")
        known = not cluster or (role in cluster and 0 <= index < len(cluster[role]))
        listed = all(isinstance(addresses, list) for addresses in cluster.values())
        if not known or not listed or not {*cluster, role} <= {*ROLES} or len(cluster.get("chief", ())) > 1:
            raise ValueError("no task of workers and a chief")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(
            '`TF_CONFIG` must be JSON such as {"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": '
            f'"worker", "index": 0}}}}, an address for each task, and no roles but "worker" and one "chief". '
            f"Received: TF_CONFIG={text[:SHOWN]}"
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
        WorkerLostError: If other workers can't be reached.

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
        try:
            return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
        except tf.errors.OpError as error:
            first_line = str(error).partition("\n")[0]
            raise WorkerLostError(f"other workers can't be reached; start all of them anew ({first_line})") from error
    return tf.distribute.MirroredStrategy() if len(tf.config.list_physical_devices("GPU")) > 1 else None


def _slurm_resolver(tf: Any) -> Any:
    """Says which address each task has, and gives those of one machine equal shares of its GPUs.

    TensorFlow's own resolver sorts the machines as text, n10 before n9, which is not the order of the tasks; and it
    divides GPUs anew that Slurm has divided.
    """
    own, (addresses, neighbours) = worker_of_environment(), slurm_addresses(os.environ)
    gpus = tf.config.list_physical_devices("GPU")
    share = len(gpus) // len(neighbours)
    if share and len(neighbours) > 1 and "SLURM_GPUS_PER_TASK" not in os.environ:
        place = neighbours.index(own.index)
        tf.config.set_visible_devices(gpus[place * share : (place + 1) * share], "GPU")
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": addresses}),
        task_type="worker",
        task_id=own.index,
        rpc_layer="grpc",
        num_accelerators={"GPU": len(tf.config.get_visible_devices("GPU"))},
    )


def slurm_addresses(environment: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """Returns the address of every task of a Slurm step, by number, and the numbers of those on this task's machine.

    Args:
        environment: As `srun` sets it.

    Raises:
        ValueError: If the variables can't be read, or the tasks are not numbered machine by machine.

    Example:
        >>> step = {"SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "3", "SLURM_STEP_NODELIST": "n[9-10]"}
        >>> slurm_addresses({**step, "SLURM_STEP_TASKS_PER_NODE": "2,1"})
        (['n9:20000', 'n9:20001', 'n10:20000'], [2])
    """
    from tensorflow.python.distribute.cluster_resolver import slurm_cluster_resolver as slurm

    own, job = _worker_of_slurm(environment), environment.get("SLURM_JOB_ID", "0")
    if not _is_count(job):
        raise ValueError(f"`SLURM_JOB_ID` must be a whole number, as Slurm sets it. Received: SLURM_JOB_ID={job!r}")
    base = SLURM_PORTS[int(job) % (len(SLURM_PORTS) // 64) * 64]
    names = ("SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE")
    try:
        hosts = slurm.expand_hostlist(environment[names[0]])
        counts = slurm.expand_tasks_per_node(environment[names[1]])
        if len(hosts) != len(counts) or sum(counts) != own.count:
            raise ValueError(f"{len(hosts)} machines with {counts} tasks")
    except (ValueError, KeyError) as error:
        raise ValueError(
            "`SLURM_STEP_NODELIST` and SLURM_STEP_TASKS_PER_NODE must be such as 'n[1-3]' and '2(x2),1', as `srun` "
            f"sets them, with SLURM_STEP_NUM_TASKS={own.count} in all. "
            f"Received: {', '.join(f'{name}={environment.get(name)!r}' for name in names)}"
        ) from error
    nodes = [node for node, count in enumerate(counts) for _ in range(count)]
    if environment.get("SLURM_NODEID", str(nodes[own.index])) != str(nodes[own.index]):
        raise ValueError(
            "`SLURM_NODEID` must be that of tasks numbered machine by machine: srun --distribution=block. Received: "
            f"SLURM_NODEID={environment['SLURM_NODEID']!r} of task {own.index}, {names[1]}={environment[names[1]]!r}"
        )
    ports = [index - nodes.index(node) for index, node in enumerate(nodes)]
    addresses = [f"{hosts[node]}:{base + port}" for node, port in zip(nodes, ports, strict=True)]
    return addresses, [index for index, node in enumerate(nodes) if node == nodes[own.index]]


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
