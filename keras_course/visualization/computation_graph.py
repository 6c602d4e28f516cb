"""The graph behind a differentiated value, with values and gradients on its nodes (deck, chapter 6, "Chain rule")."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from keras_course.array_arguments import Array
from keras_course.numerics.autodiff import Variable
from keras_course.numerics.computation_graph import array_text, formula, gradient_of, graph_labels, is_constant
from keras_course.visualization.axes import BLUE, SMALLEST_SIZE, VERMILLION, figure_and_axes

BOX_WIDTH, BOX_HEIGHT = 0.84, 0.72  # of the cell that a variable has
CELL_WIDTH, CELL_HEIGHT = 1.9, 1.5  # inches, where type has its full size
LARGEST_SIZE = 17  # points
LETTER_WIDTH, LINE_HEIGHT = 0.6, 1.35  # of the type size
HEAD = 0.3  # cells above the top row, where the colours are explained
MOST_COLUMNS = 21

Position = tuple[int, int]


def plot_computation_graph(output: Variable, *, ax: Axes | None = None) -> Figure:
    """Draws each variable as a box, left to right in the order of computation.

    A box holds how the variable was computed, its value (blue, the forward pass) and its gradient (vermilion, the
    backward pass); of an array the largest magnitude. Grey boxes are inputs; numbers without a name stand in the
    formulas only.

    Args:
        output: The last variable; after `backward(output)` the gradients show too, those of another output never.
        ax: Axes to draw on; None makes a figure whose size follows the graph.

    Returns:
        The figure.

    Raises:
        ValueError: If `ax` is not Matplotlib axes, or the graph is more than 20 operations deep.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward
        >>> from keras_course.visualization import plot_computation_graph
        >>> output = Variable(2.0, name="x") * 3
        >>> backward(output)
        >>> [text.get_text() for text in plot_computation_graph(output).axes[0].texts if text.get_text()][1]
        '6'

    Source: deck, chapter 6, "Chain rule", the forward and the backward pass.
    """
    columns = output.depth + 1
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"`output` must be at most {MOST_COLUMNS - 1} operations deep to be drawn; graph_text has no limit. "
            f"Received: output.depth={output.depth}"
        )
    labels = graph_labels(output)
    positions = _place([node for node in labels if node is output or not is_constant(node)])
    rows = 1 + max(row for _, row in positions.values())
    foot = 0.3 if any(_jumps(positions, node, parent) for node in positions for parent in node.parents) else 0.0
    height = rows + HEAD + foot
    figure, ax = figure_and_axes(ax, figsize=(columns * CELL_WIDTH, height * CELL_HEIGHT))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5 - foot, rows - 0.5 + HEAD))
    ax.set_axis_off()
    texts = {node: _lines(node, labels, gradient_of(output, node)) for node in positions}
    figure.draw_without_rendering()  # settles the layout, on which the size of the type depends
    size = _type_size(ax, columns, height, [line for lines in texts.values() for line in lines])
    for node, position in positions.items():
        _draw_box(ax, node, position, texts[node], size)
        for parent in dict.fromkeys(node.parents):
            if parent in positions:
                _draw_arrow(ax, positions[parent], position)
    _explain_colours(ax, labels[output], gradient_of(output, output) is not None, (columns, rows), size)
    return figure


def _place(nodes: list[Variable]) -> dict[Variable, Position]:
    """Returns column and row of each variable: computed ones by depth, the others one column before their first use."""
    columns = {node: node.depth for node in nodes}
    for node in reversed(nodes):  # deepest first, so the first use has the last word
        columns |= {parent: node.depth - 1 for parent in node.parents if parent in columns and not parent.parents}
    rows: dict[int, int] = {}
    positions = {}
    for node in sorted(nodes, key=lambda node: not node.parents):  # computed ones take the lower rows
        row = rows.get(columns[node], 0)
        rows[columns[node]] = row + 1
        positions[node] = (columns[node], row)
    return positions


def _jumps(positions: dict[Variable, Position], node: Variable, parent: Variable) -> bool:
    """Returns whether the arrow passes a column in the lowest row, where it needs room below the boxes."""
    (x, y), (x_end, y_end) = positions.get(parent, positions[node]), positions[node]
    return x_end - x > 1 and y == y_end == 0


def _lines(node: Variable, labels: dict[Variable, str], gradient: Array | None) -> list[str]:
    lines = [formula(node, labels).replace("sigmoid", "σ"), array_text(node.value)]
    if gradient is None:
        return lines
    return [*lines, f"∂ {array_text(gradient).removeprefix(str(gradient.shape)).strip()}"]  # its shape is the value's


def _type_size(ax: Axes, columns: int, height: float, lines: list[str]) -> float:
    """Returns the size in points at which the longest line fits into a box, within the limits of legible type."""
    extent = ax.get_window_extent()
    inch = ax.figure.dpi
    by_width = BOX_WIDTH * extent.width / inch * 72 / columns / (LETTER_WIDTH * max(map(len, lines)) + 0.6)
    by_height = BOX_HEIGHT * extent.height / inch * 72 / height / (3 * LINE_HEIGHT)
    return max(SMALLEST_SIZE, min(LARGEST_SIZE, by_width, by_height))


def _draw_box(ax: Axes, node: Variable, position: Position, lines: list[str], size: float) -> None:
    x, y = position
    box = FancyBboxPatch(
        (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2),
        BOX_WIDTH,
        BOX_HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor="white" if node.parents else "0.92",
        edgecolor="0.3",
        linewidth=1.5,
        zorder=2,  # above the arrows
    )
    ax.add_patch(box)
    for number, (line, color) in enumerate(zip(lines, ("black", BLUE, VERMILLION), strict=False)):
        height = y + BOX_HEIGHT / 3 * ((len(lines) - 1) / 2 - number)
        ax.text(x, height, line, ha="center", va="center", fontsize=size, color=color, parse_math=False, zorder=3)


def _draw_arrow(ax: Axes, start: Position, end: Position) -> None:
    """Draws an arrow from box to box; one that passes a column goes around the boxes in between."""
    (x, y), (x_end, y_end) = start, end
    tail: tuple[float, float] = (x + BOX_WIDTH / 2, y)
    head: tuple[float, float] = (x_end - BOX_WIDTH / 2, y_end)
    bend = 0.0
    climbs = y < y_end and x_end - x == 1  # through the gap between the columns, onto the end's side
    if y != y_end and not climbs:  # onto the end's box from above or below
        side = 1 if y > y_end else -1
        head = (x_end - BOX_WIDTH / 4, y_end + side * BOX_HEIGHT / 2)
        bend = -0.2 * side if x_end - x > 1 else 0.0
    elif x_end - x > 1:  # below the boxes of the columns in between
        tail, head, bend = (x, y - BOX_HEIGHT / 2), (x_end, y_end - BOX_HEIGHT / 2), 0.25 / (x_end - x)
    ax.annotate(
        "",
        xy=head,
        xytext=tail,
        arrowprops={
            "arrowstyle": "-|>",
            "color": "0.3",
            "linewidth": 1.8,
            "mutation_scale": 18,
            "shrinkA": 0,
            "shrinkB": 0,
            "connectionstyle": f"arc3,rad={bend}",
        },
        zorder=1,
    )


def _explain_colours(ax: Axes, name: str, gradients: bool, shape: Position, size: float) -> None:
    columns, rows = shape
    height = rows - 0.5 + HEAD / 2
    entries = [("value", BLUE), (f"∂ gradient of {name}", VERMILLION)][: 1 + gradients]
    if columns == 1:
        entries = []  # no room, and nothing to tell apart
    for (text, color), x, side in zip(entries, (-0.42, columns - 0.58), ("left", "right"), strict=False):
        ax.text(x, height, text, ha=side, va="center", fontsize=size, color=color, parse_math=False)
