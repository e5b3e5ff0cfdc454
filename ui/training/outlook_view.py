"""Training images before and after they are prepared: what the network will see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.pixels import levels, qimage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from cnnviz.engine.protocol.studies import Foreseen
    from cnnviz.message import Message

COLUMNS, ROWS = 2, 5
# Pixels at scale 1.
SIDE = 46
ARROW = 14
GAP = 12
CAPTION = 18


class OutlookView(QWidget):
    """Pairs of images, each with its class; a class that is taught wrongly stands out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pairs: list[tuple[QImage, QImage]] = []
        self._captions: list[tuple[str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("What the network will see"))
        self.setToolTip(tr("On the left as it is in the data set, on the right as it is seen"))
        self._describe()

    def show_images(self, found: Foreseen, names: Sequence[Message]) -> None:
        """Show what was found; `names` are those of the classes."""
        span = max(found.high - found.low, 1e-9)
        before = levels(found.before.array())
        after = levels((found.after.array() - found.low) / span)
        self._pairs = [(qimage(a), qimage(b)) for a, b in zip(before, after, strict=True)]
        self._captions = [
            (text(names[label]), False)
            if label == taught
            else (f"{text(names[label])} → {text(names[taught])}", True)
            for label, taught in zip(found.labels, found.taught, strict=True)
        ]
        self._describe()
        self.update()

    @property
    def pairs(self) -> list[tuple[QImage, QImage]]:
        """Before and after, one pixel a value."""
        return self._pairs

    def sizeHint(self) -> QSize:
        wide = COLUMNS * (2 * SIDE + ARROW) + (COLUMNS - 1) * GAP
        return QSize(theme.px(wide), theme.px(ROWS * (SIDE + CAPTION)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        px, colors = theme.px, theme.colors
        painter.setFont(theme.font("caption"))
        for number, (before, after) in enumerate(self._pairs[: COLUMNS * ROWS]):
            row, column = divmod(number, COLUMNS)
            left = px(column * (2 * SIDE + ARROW + GAP))
            top = px(row * (SIDE + CAPTION))
            for picture, at in ((before, left), (after, left + px(SIDE + ARROW))):
                room = QRect(at, top, px(SIDE), px(SIDE))
                size = picture.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
                place = QRect(room.topLeft(), size)
                place.moveCenter(room.center())
                painter.drawImage(place, picture)
                painter.setPen(QColor(colors.border_soft))  # black on black has no edge
                painter.drawRect(QRectF(place).adjusted(-0.5, -0.5, 0.5, 0.5))
            between = QRect(left + px(SIDE), top, px(ARROW), px(SIDE))
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(between, Qt.AlignmentFlag.AlignCenter, "→")
            words, wrong = self._captions[number]
            painter.setPen(QColor(colors.danger_ink if wrong else colors.text_muted))
            line = QRect(left, top + px(SIDE), px(2 * SIDE + ARROW), px(CAPTION))
            shown = painter.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideRight, line.width()
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)

    def _describe(self) -> None:
        self.setAccessibleDescription(", ".join(words for words, _ in self._captions))
