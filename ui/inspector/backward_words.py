"""What the page of the way back says of a course: tiles, titles, and the numbers to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.arithmetic.text import as_table, as_text, line
from cnnviz.network import INPUT_UID
from ui.i18n import text, tr
from ui.inspector.taking_along import Numbers
from ui.inspector.way_back import LOSS_UID, errors_of, quantities
from ui.widgets.delta_strip import Tile

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.training import Training
    from ui.inspector.way_back import Course, Quantity, WorkedBack


def tiles_of(report: Report, course: Course, training: Training) -> list[Tile]:
    """The image, every layer, and the loss, each with its δ."""

    def tile(uid: str, title: str, family: str) -> Tile:
        return Tile(uid, title, family, course.deltas.get(uid), course.limits.get(uid, 0.0))

    tiles = [tile(INPUT_UID, tr("Input"), "input")]
    tiles += [
        tile(row.layer.uid, text(row.layer.name), row.layer.family)
        for row in report.rows
        if row.layer.uid in course.deltas or row.output is not None
    ]
    errors = errors_of(course, training)
    tiles.append(Tile(LOSS_UID, tr("Loss"), "", errors, float(abs(errors).max(initial=0))))
    return tiles


def title_of(row: Row, quantity: Quantity) -> str:
    """What a quantity is called, as short as a tab."""
    if quantity.kind == "fork":
        return tr("Fork")
    if quantity.kind == "tensor":
        return tr("Bias") if quantity.name == "bias" else tr("Weights")
    if quantity.kind == "batch":
        names = {"weight": tr("γ in training"), "bias": tr("β in training")}
        return names.get(quantity.name, tr("δ in training"))
    if quantities(row)[0].kind == "fork":
        return tr("Branch {n}", n=quantity.which + 1)
    return tr("δ handed back")


def numbers_of(worked: WorkedBack) -> Numbers:
    """One value for elsewhere: its lines with a heading, and all numbers as a table."""
    heading = tr("Loss")
    if worked.row is not None:
        place = ", ".join(map(str, worked.place))
        title = title_of(worked.row, worked.quantity)
        heading = f"{text(worked.row.layer.name)} — {title} [{place}]"
    words = as_text(worked.flow, worked.computed, text)
    lines = [f"{text(step.title)}: {line(step, say=text)}" for step in worked.update]
    table = as_table(worked.flow, text)
    table += [[text(step.title), step.result] for step in worked.update]
    return Numbers("\n".join([heading, words, *lines]), table)
