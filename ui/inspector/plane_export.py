"""The plane of the test images, taken along: as it is drawn, and where each image is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSizeF

from ui.array_export import DrawnOffer, tabled
from ui.charts.content import Content
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from cnnviz.arithmetic.text import Cell
    from cnnviz.engine.protocol.studies import Embedded
    from ui.charts.table import Column
    from ui.widgets.scatter import Scatter


class _Plane:
    """The plane as it is painted into a file."""

    def __init__(self, scatter: Scatter, title: str) -> None:
        self._scatter = scatter
        self.content, self.size = Content(title), QSizeF(scatter.size())

    def paint(self, painter: QPainter) -> None:
        self._scatter.draw(painter)

    def columns(self) -> list[Column]:
        """The numbers are in a table of their own."""
        return []


def plane_offer(scatter: Scatter, finding: Embedded, names: Sequence[str]) -> DrawnOffer:
    """A row for each test image, in their order: its number, its class as a number and by its name,
    and its place.

    names: of the classes.
    """
    title = tr("Map of the test images")
    points = finding.points.array().tolist()
    images = sorted(zip(finding.places, finding.labels, points, strict=True))
    rows: list[Sequence[Cell]] = [("image", "class", "name", "x", "y")]
    for place, label, (x, y) in images:
        rows.append((place, label, names[label], x, y))
    return DrawnOffer(tabled(title, rows), _Plane(scatter, title))
