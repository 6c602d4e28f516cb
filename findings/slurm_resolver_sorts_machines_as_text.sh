#!/usr/bin/env bash
# TensorFlow 2.21.0: tf.distribute's SlurmClusterResolver sorts the machines of a Slurm step as text before it numbers the
# tasks, "so that the order is the same for each run". Slurm numbers them in the order of its list: task 0 of node[9-10]
# runs on node9. The resolver gives it the address of node10, on which it can't listen for the others.
# Seen: worker 0 at node10, worker 1 at node9, and the process of task 0 takes itself for worker 0. With names of equal
# length, node[09-10], the order is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import os

import tensorflow as tf


def workers(machines):
    os.environ.update(
        SLURM_PROCID="0", SLURM_STEP_NUM_TASKS="2", SLURM_STEP_NODELIST=machines, SLURM_STEP_TASKS_PER_NODE="1(x2)"
    )
    resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(
        port_base=8888, gpus_per_node=1, gpus_per_task=1, auto_set_gpu=False
    )
    return resolver.cluster_spec().as_dict()["worker"], resolver.task_id


other, padded = workers("node[9-10]"), workers("node[09-10]")
print(f"TensorFlow {tf.__version__}: workers of node[9-10] and own number {other}, of node[09-10] {padded}")
assert other == (["node10:8888", "node9:8888"], 0)
assert padded == (["node09:8888", "node10:8888"], 0)
PY
