"""The curve of a function, and the point on it that a value has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.i18n import tr
from ui.numerals import significant
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class FunctionCurve(QWidget):
    """y over x with axes through zero; dashed lines lead from the point to both axes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._xs: np.ndarray = np.zeros(2)
        self._ys: np.ndarray = np.zeros(2)
        self._x = self._y = 0.0
        self._rise: float | None = None
        self._family = "activation"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    def set_curve(
        self,
        xs: np.ndarray,
        ys: np.ndarray,
        x: float,
        y: float,
        rise: float | None = None,
        *,
        family: str = "activation",
    ) -> None:
        """xs, ys: (n,) points of the curve from left to right; x, y: the value's point; rise: the
        slope of a tangent there, if one is wanted; family: of the layer, which gives the colour."""
        self._xs, self._ys, self._x, self._y, self._rise = xs, ys, x, y, rise
        self._family = family
        words = f"x = {significant(x)}, y = {significant(y)}"
        if rise is not None:
            words = tr("{point}, slope {slope}", point=words, slope=significant(rise))
        self.setAccessibleDescription(words)
        self.setAccessibleName(tr("Curve of the function"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(70))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme.colors
        pad = theme.px(8)
        room = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        low_x, high_x = float(self._xs[0]), float(self._xs[-1])
        low_y = min(float(self._ys.min()), 0.0)
        high_y = max(float(self._ys.max()), 1e-9)
        if high_x <= low_x or not np.isfinite([low_y, high_y]).all():
            return

        def at(x: float, y: float) -> QPointF:
            return QPointF(
                room.left() + (x - low_x) / (high_x - low_x) * room.width(),
                room.bottom() - (y - low_y) / (high_y - low_y) * room.height(),
            )

        painter.setPen(QPen(QColor(colors.border), 1))
        painter.drawLine(at(low_x, 0), at(high_x, 0))
        painter.drawLine(at(0, low_y), at(0, high_y))
        painter.setPen(QPen(QColor(colors.families[self._family]), theme.px(2)))
        points = zip(self._xs.tolist(), self._ys.tolist(), strict=True)
        painter.drawPolyline(QPolygonF([at(x, y) for x, y in points]))
        if not np.isfinite([self._x, self._y]).all():
            return
        point = at(self._x, self._y)
        if self._rise is not None and np.isfinite(self._rise):
            painter.setPen(QPen(QColor(colors.danger), theme.px(1.5)))
            painter.setClipRect(room)
            ends = (low_x, high_x)
            lines = [at(x, self._y + (x - self._x) * self._rise) for x in ends]
            painter.drawLine(lines[0], lines[1])
            painter.setClipping(False)
        painter.setPen(QPen(QColor(colors.text_muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(at(self._x, 0), point)
        painter.drawLine(at(0, self._y), point)
        painter.setPen(QPen(QColor(colors.surface), theme.px(1.5)))
        painter.setBrush(QColor(colors.danger))
        radius = theme.px(5)
        painter.drawEllipse(point, radius, radius)
