"""The scale beside values: which colour is which number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.colors import ZERO, bent, quantise
from ui.i18n import language, tr
from ui.numerals import significant
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class ColorScale(QWidget):
    """A bar from -limit over 0 to +limit, for values that are never negative from 0 on, or for grey
    from 0 to 1, with its numbers below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit: float | None = None
        self._grey = self._one_sided = False
        self._gamma = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_range(
        self,
        limit: float | None,
        *,
        grey: bool = False,
        one_sided: bool = False,
        gamma: float = 1.0,
    ) -> None:
        """The value at the ends; None (nothing to show yet) leaves the numbers out. gamma: of the
        colours between them, as `bent` has it."""
        gamma = 1.0 if grey else gamma
        before = self._limit, self._grey, self._one_sided, self._gamma
        if before == (limit, grey, one_sided, gamma):
            return
        self._limit, self._grey, self._one_sided, self._gamma = limit, grey, one_sided, gamma
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """Say in the present language what the scale says."""
        self.setAccessibleName(tr("Colour scale"))
        if self._grey:
            self.setAccessibleDescription(tr("From 0, black, to 1, white"))
        elif self._limit is None:
            self.setAccessibleDescription("")
        elif self._one_sided:
            self.setAccessibleDescription(
                tr("From 0 to {high}, blue", high=significant(self._limit, 3))
            )
        else:
            self.setAccessibleDescription(
                tr(
                    "From {low}, orange, over 0 to {high}, blue",
                    low=significant(-self._limit, 3),
                    high=significant(self._limit, 3),
                )
            )

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font("caption"))
        return QSize(theme.px(180), theme.px(10) + theme.px(3) + metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(90), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.5, 0.5, self.width() - 1, theme.px(10) - 1)
        outline = QPainterPath()
        outline.addRoundedRect(bar, theme.px(2), theme.px(2))
        lut = (theme.luts.grey if self._grey else theme.luts.signed)[:255]
        if self._gamma != 1.0:
            even = np.linspace(-1, 1, 255, dtype=np.float32)
            lut = lut[quantise(bent(even, 1.0, self._gamma), 1.0)]
        row = np.ascontiguousarray(lut[ZERO if self._one_sided else 0 :])
        image = QImage(row.data, len(row), 1, row.nbytes, QImage.Format.Format_RGB32)
        painter.save()
        painter.setClipPath(outline)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, image)
        painter.restore()
        painter.setPen(theme.colors.border_soft)
        painter.drawPath(outline)

        if self._limit is None and not self._grey:
            return
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colors.text_muted)
        top = theme.px(10) + theme.px(3)
        place = QRect(0, top, self.width(), self.height() - top)
        sides = Qt.AlignmentFlag
        if self._grey:
            painter.drawText(place, sides.AlignLeft, "0")
            painter.drawText(place, sides.AlignRight, "1")
        elif self._limit is not None and self._one_sided:
            painter.drawText(place, sides.AlignLeft, "0")
            painter.drawText(place, sides.AlignRight, significant(self._limit, 3))
        elif self._limit is not None:
            painter.drawText(place, sides.AlignLeft, significant(-self._limit, 3))
            painter.drawText(place, sides.AlignHCenter, "0")
            painter.drawText(place, sides.AlignRight, "+" + significant(self._limit, 3))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
