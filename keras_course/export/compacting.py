"""A function with as few bytes as it can have: gradients leave many operations behind that nothing needs."""

from typing import Any

import tensorflow as tf


def compacted(function: Any) -> Any:
    """Returns a `tf.function` that computes the same, without unneeded operations and with short names for the others.

    Args:
        function: A `tf.function` of `images`, with an input signature, that returns a dictionary of tensors.
    """
    graph = function.get_concrete_function().graph
    names = sorted(graph.structured_outputs)  # the order in which TensorFlow flattens a dictionary
    whole = graph.as_graph_def()
    needed = _needed({node.name: node for node in whole.node}, [one.op.name for one in graph.outputs])
    short = _short_names(needed)
    fed = {one.op.name for one in graph.inputs}
    nodes = {short[name]: _shortened(node, short) for name, node in needed.items() if name not in fed}
    whole.ClearField("node")
    whole.node.extend(nodes.values())

    @tf.function(input_signature=function.input_signature, autograph=False)
    def compact(images):
        captured = map(tf.compat.v1.get_default_graph().capture, graph.external_captures)
        tensors = zip(graph.inputs, [images, *captured], strict=True)
        feeds = {_renamed(inside.name, short): tensor for inside, tensor in tensors if inside.op.name in short}
        wanted = [_renamed(tensor.name, short) for tensor in graph.outputs]
        return dict(zip(names, tf.graph_util.import_graph_def(whole, feeds, wanted, name=""), strict=True))

    return compact


def _needed(nodes: dict[str, Any], ends: list[str]) -> dict[str, Any]:
    """Returns the nodes that some of them need, by name."""
    needed, stack = {}, ends
    while stack:
        name = stack.pop()
        if name not in needed:
            needed[name] = nodes[name]
            stack.extend(text.lstrip("^").partition(":")[0] for text in nodes[name].input)
    return needed


def _short_names(nodes: dict[str, Any]) -> dict[str, str]:
    """Returns a name for each node, the same for constants that are equal."""
    seen: dict[Any, str] = {}
    keys = {name: _value(node) if node.op == "Const" and not node.input else name for name, node in nodes.items()}
    return {name: seen.setdefault(key, f"n{len(seen)}") for name, key in keys.items()}


def _value(constant: Any) -> bytes:
    return constant.attr["dtype"].SerializeToString() + constant.attr["value"].SerializeToString()


def _shortened(node: Any, short: dict[str, str]) -> Any:
    """Returns a copy of a node of a graph with short names in it."""
    copy = type(node)(name=short[node.name], op=node.op, device=node.device)
    copy.input.extend(_renamed(text, short) for text in node.input)
    for name, value in node.attr.items():
        if name != "_class":  # names other nodes
            copy.attr[name].CopyFrom(value)
    return copy


def _renamed(text: str, short: dict[str, str]) -> str:
    """Renames the operation in `op`, `op:1` or `^op`."""
    control, (name, colon, place) = "^" * text.startswith("^"), text.lstrip("^").partition(":")
    return f"{control}{short[name]}{colon}{place}"
