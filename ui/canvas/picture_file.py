"""The canvas as a picture in a file: PNG, SVG or PDF, drawn card by card in steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QColor,
    QImage,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from ui.canvas.block_frame import BlockFrame
from ui.canvas.card import Card
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ui.canvas.lanes import Arrangement
    from ui.canvas.roster import Looks

SUFFIXES = (".png", ".svg", ".pdf")
_SHARPNESS = 2.0
"""Pixels of a PNG for a unit."""
_LARGEST = 16_000
"""Pixels on the longer side of a PNG; a longer network is drawn smaller."""
_DOTS_PER_INCH = 96


class Drawing:
    """Draws an arrangement into a buffer, a card at each step of `steps`."""

    def __init__(
        self,
        suffix: str,
        arrangement: Arrangement,
        looks: Looks,
        dress: Callable[[Card], None] | None,
    ) -> None:
        """suffix: one of `SUFFIXES`. dress: gives a card its maps; None draws none."""
        self._arrangement, self._looks, self._dress = arrangement, looks, dress
        self._buffer = QBuffer()
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        bounds = arrangement.bounds
        self._size = QSizeF(bounds.width, bounds.height)
        self._scale = 1.0
        self._image: QImage | None = None
        self._device = self._open(suffix)

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self._arrangement.frames) + len(self._arrangement.boxes)

    @property
    def data(self) -> bytes:
        """The file, after the last step."""
        return bytes(self._buffer.data().data())

    def steps(self) -> Iterator[None]:
        """Draw it; the drawing is whole when the iterator has come to its end."""
        painter = QPainter(self._device)
        try:
            yield from self._draw(painter)
        finally:
            painter.end()
        if self._image is not None:
            self._image.save(self._buffer, "PNG")  # type: ignore[call-overload]
        self._buffer.close()

    # --- inside -------------------------------------------------------------------------------

    def _open(self, suffix: str) -> QPaintDevice:
        if suffix == ".svg":
            from PySide6.QtSvg import QSvgGenerator

            drawing = QSvgGenerator()
            drawing.setOutputDevice(self._buffer)
            drawing.setSize(self._size.toSize())
            drawing.setViewBox(QRectF(0, 0, self._size.width(), self._size.height()))
            drawing.setTitle("CNNviz")
            return drawing
        if suffix == ".pdf":
            document = QPdfWriter(self._buffer)
            document.setResolution(_DOTS_PER_INCH)
            page = self._size * (72 / _DOTS_PER_INCH)
            document.setPageSize(QPageSize(page, QPageSize.Unit.Point))
            document.setPageMargins(QMarginsF(), QPageLayout.Unit.Point)
            return document
        longest = max(self._size.width(), self._size.height())
        self._scale = min(_SHARPNESS, _LARGEST / longest)
        pixels: QSize = (self._size * self._scale).toSize()
        self._image = QImage(pixels, QImage.Format.Format_RGB32)
        return self._image

    def _draw(self, painter: QPainter) -> Iterator[None]:
        found, looks, bounds = self._arrangement, self._looks, self._arrangement.bounds
        option = QStyleOptionGraphicsItem()
        painter.scale(self._scale, self._scale)
        painter.fillRect(QRectF(0, 0, bounds.width, bounds.height), QColor(theme.colors.canvas))
        painter.translate(-bounds.left, -bounds.top)
        for uid, frame in found.frames.items():
            outline = BlockFrame(uid)
            off = looks.contents[uid].off
            outline.set_frame(frame, looks.titles[uid], looks.depths[uid], off=off)
            painter.save()
            painter.translate(frame.box.left, frame.box.top)
            outline.paint(painter, option)
            painter.restore()
            yield
        for uid, box in found.boxes.items():
            card = Card(uid, looks.contents[uid], looks.faces[uid])
            if self._dress is not None:
                self._dress(card)
            painter.save()
            painter.translate(box.left, box.top)
            card.paint_alone(painter)
            painter.restore()
            yield
