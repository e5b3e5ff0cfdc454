"""A pill with a menu: one fact of the window's top, such as the device, and what can be chosen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from ui.theme import theme
from ui.widgets.style import set_property

_DOT_COLORS = {"ok": "ok", "wait": "warning_ink"}


class Chip(QPushButton):
    """A rounded button; `set_state` puts a dot before its text, so that colour is never alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ""
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_state(self, state: str) -> None:
        """`"ok"` (a green dot), `"wait"` (amber) or `""` (none)."""
        if state != self._state:
            self._state = state
            self._restyle()

    def _restyle(self) -> None:
        px = theme.px
        set_property(self, "pill", self._state or "none")
        self.setIconSize(QSize(px(11), px(8)))
        self.setIcon(self._dot())

    def _dot(self) -> QIcon:
        role = _DOT_COLORS.get(self._state)
        if role is None:
            return QIcon()
        ratio = 4  # sharp on every screen
        side = theme.px(8) * ratio
        picture = QPixmap(theme.px(11) * ratio, side)  # with some air before the text
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(theme.colors, role))
        painter.drawEllipse(0, 0, side, side)
        painter.end()
        picture.setDevicePixelRatio(ratio)
        return QIcon(picture)
