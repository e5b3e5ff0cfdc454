"""Words and numbers for what lies under the pointer, and for what is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain import seen_by
from cnnviz.network import INPUT_UID
from ui.i18n import text, tr

if TYPE_CHECKING:
    import numpy as np

    from cnnviz.analysis import Report
    from ui.engine_client import EngineClient
    from ui.session import Session


def disabled(session: Session) -> str:
    """What the selected layer does while it is disabled; "" where it is not."""
    layer = session.selected_layer
    if layer is None or not session.report.row(layer.uid).off:
        return ""
    return tr(
        "{layer} is disabled: its input passes through unchanged. What it has learned is kept.",
        layer=layer.name,
    )


def absence(session: Session, engine: EngineClient | None = None) -> str:
    """Why there is nothing to see of the selected layer, and what to do; "" if there should be.

    engine: left out where nothing is shown of the picture that it computes.
    """
    report, uid = session.report, session.selection
    if uid != INPUT_UID:
        row = report.row(uid)
        if row.off:
            return disabled(session)
        if row.waiting:
            layer = session.network.layer(report.problem_uid)
            return tr("Waiting for {layer} to be fixed.", layer=layer.name)
        if row.output is None and row.problem is not None:
            return tr("{problem} Fix it under Settings.", problem=text(row.problem.headline))
    if engine is not None and engine.picture is None:
        return tr("The engine is starting…")
    return ""


def waiting(session: Session, engine: EngineClient) -> str:
    """What has to happen before the whole network can be looked into; "" if it can be."""
    report, picture = session.report, engine.picture
    if report.problem is not None and report.problem_uid == INPUT_UID:
        return (
            tr("Waits until a layer is enabled")
            if report.rows
            else tr("Waits until the network has layers")
        )
    if report.problem is not None:
        layer = report.row(report.problem_uid).layer
        return tr("Waits until {layer} is fixed", layer=layer.name)
    if engine.device is None or picture is None:
        return tr("The engine is starting…")
    if INPUT_UID not in picture.maps:
        return tr("The network is being built…")
    return ""


def row_count(session: Session, weight: np.ndarray) -> int:
    """How many filters or units the selected layer has: more than `weight` shows, if very many."""
    shape = session.report.row(session.selection).tensors.get("weight", weight.shape)
    return shape[0] if shape[1:] == weight.shape[1:] else len(weight)


def sight(report: Report, uid: str, row: int = 0, column: int = 0) -> str:
    """Which pixels of the input a value sees."""
    seen = seen_by(report, uid, row, column)
    if seen is None or uid == INPUT_UID:
        return ""
    image = report.network.input
    inside = seen.inside(image.height, image.width)
    if inside.top > inside.bottom or inside.left > inside.right:
        return tr("sees nothing but padding")
    rows, columns = _span(inside.top, inside.bottom), _span(inside.left, inside.right)
    if inside == seen:
        return tr("sees rows {rows}, columns {columns} of the input", rows=rows, columns=columns)
    return tr(
        "sees rows {rows}, columns {columns} of the input, and padding", rows=rows, columns=columns
    )


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
