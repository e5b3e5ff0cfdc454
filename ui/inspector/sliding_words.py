"""What stands below the grids of the sliding picture, and what its line says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain.position import told, told_of_rest
from ui.i18n import text, tr

if TYPE_CHECKING:
    from cnnviz.layers import Maps, Problem
    from cnnviz.sliding import Sliding
    from ui.inspector.sliding_values import Values
    from ui.widgets.slide_map import Cells, Part


def captions(sliding: Sliding, x: Maps, values: Values) -> dict[str, tuple[str, str]]:
    """What stands below the image, the source, the kernel and the output; and what they are called
    where only a part of them is drawn."""
    height, width = sliding.grid if sliding.stamps else sliding.places
    size = f"{sliding.kernel[0]:,}×{sliding.kernel[1]:,}"
    source = tr(
        "Input {map}: {height:,}×{width:,}", map=values.channel, height=x.height, width=x.width
    )
    output = tr(
        "Output {map}: {height:,}×{width:,}", map=values.filter_, height=height, width=width
    )
    kernel = tr("Kernel {size}", size=size) if sliding.weighted else tr("Window {size}", size=size)
    return {
        "image": (tr("Image"), tr("Image")),
        "source": (source, tr("Input {map}", map=values.channel)),
        "kernel": (kernel, kernel),
        "output": (
            output if sliding.fits else tr("No output"),
            tr("Output {map}", map=values.filter_),
        ),
    }


def drawn(what: str, part: Part, cells: Cells) -> tuple[str, ...]:
    """Which part of a grid is drawn, and the same in fewer and fewer words."""
    rows, columns = part
    ends = {"top": rows[0], "bottom": rows[-1], "left": columns[0], "right": columns[-1]}
    size = {"height": cells.height, "width": cells.width}
    return (
        tr(
            "{what}: rows {top:,}–{bottom:,} of {height:,}, columns {left:,}–{right:,} of "
            "{width:,}",
            what=what,
            **ends,
            **size,
        ),
        tr(
            "rows {top:,}–{bottom:,}, columns {left:,}–{right:,} of {height:,}×{width:,}",
            **ends,
            **size,
        ),
        tr("rows {top:,}–{bottom:,}, columns {left:,}–{right:,}", **ends),
    )


def misfit(problem: Problem | None) -> str:
    """Why there is no position."""
    return tr("The window does not fit.") if problem is None else text(problem.headline)


def reading(sliding: Sliding, place: tuple[int, int], *, waiting: bool) -> str:
    """What is read at a position; on a line of its own what is never read, or that values are
    still to come."""
    lines = [text(told(sliding, *place))]
    rest = told_of_rest(sliding)
    if rest is not None:
        lines.append(text(rest))
    elif waiting:
        lines.append(tr("The engine is starting…"))
    return "\n".join(lines)
