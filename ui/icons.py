"""Icons: our own 24x24 stroke drawings in the colour of the present theme, sharp on every screen.

The drawings are `assets/icons/*.svg`, all with `currentColor`; one that is named after a kind of
layer belongs to it. (`control-*.svg` are the fixed arrows and marks of the style sheet.)
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnviz.assets import asset_path
from ui.theme import theme


def icon(name: str, color: str | None = None) -> QIcon:
    """The icon in a colour (`"#rrggbb"`), by default the theme's text colour.

    A name without a drawing raises `FileNotFoundError`. Icons in the theme's colour must be asked
    for again after `theme.changed` (`Button` and `IconButton` do).
    """
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    sizes = {round(theme.px(size) * ratio) for size in (15, 16, 24) for ratio in ratios}
    return _icon(name, color or theme.colors.text, theme.colors.disabled, frozenset(sizes))


def pixmap(name: str, size: int, color: str | None = None, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` logical pixels for a screen of `ratio` pixels each."""
    drawn = _pixmap(name, color or theme.colors.text, round(size * ratio))
    drawn = QPixmap(drawn)
    drawn.setDevicePixelRatio(ratio)
    return drawn


@cache
def _icon(name: str, color: str, disabled: str, sizes: frozenset[int]) -> QIcon:
    """An icon that has the sizes in use, so that nothing is resized, and a large one for others."""
    result = QIcon()
    for size in (*sizes, 64):
        result.addPixmap(_pixmap(name, color, size))
    for size in sizes:
        result.addPixmap(_pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return result


@cache
def _pixmap(name: str, color: str, size: int) -> QPixmap:
    renderer = _renderer(name, color)
    drawn = QPixmap(size, size)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter)
    painter.end()
    return drawn


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    source = asset_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
