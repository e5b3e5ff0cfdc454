"""Icons: our own 24x24 stroke drawings in the colour of the present theme, sharp on every screen.

The drawings are `assets/icons/*.svg`, all with `currentColor`; one that is named after a kind of
layer belongs to it. (`control-*.svg` are the fixed arrows and marks of the style sheet.)
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPaintEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnviz.assets import asset_path
from ui.stillness import in_slices
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator


_RATIOS, _MOST = (1.0, 2.0, 3.0), 4.0


def ratio_for(painter: QPainter) -> float:
    """The ratio of a pixmap that is sharp where a painter paints now.

    A few only, because each is drawn once and kept; the largest in an SVG or a PDF, which is looked
    at from near by and printed.
    """
    zoom = painter.deviceTransform().m11()
    raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
    return next((ratio for ratio in _RATIOS if raster and ratio >= zoom), _MOST)


def icon(name: str, color: str | None = None, size: int = 16) -> QIcon:
    """The icon in a colour (`"#rrggbb"`), by default the theme's text colour.

    size: at which it is shown, in pixels at scale 1; it is drawn for that alone. A name without a
    drawing raises `FileNotFoundError`. Icons in the theme's colour must be asked for again after
    `theme.changed` (`Button` and `IconButton` do).
    """
    drawn = _icon(name, color or theme.colors.text, theme.colors.disabled, _sizes(size))
    _asked[name, size] = None  # not of a name without a drawing
    return drawn


def _sizes(size: int) -> frozenset[int]:
    """In pixels of the screens that there are."""
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    return frozenset(round(theme.px(size) * ratio) for ratio in ratios)


def pixmap(name: str, size: int, color: str | None = None, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` logical pixels for a screen of `ratio` pixels each."""
    drawn = _pixmap(name, color or theme.colors.text, round(size * ratio))
    drawn = QPixmap(drawn)
    drawn.setDevicePixelRatio(ratio)
    return drawn


_asked: dict[tuple[str, int], None] = {}
"""Names and sizes that have been shown, and will be again when the theme has changed."""


def _shapes_anew() -> Iterator[None]:
    """Read what has been shown in the present size, a few drawings in each step."""
    yield from in_slices(list(_asked), lambda one: [_shape(one[0], n) for n in _sizes(one[1])])


theme.beforehand = _shapes_anew


@cache
def _icon(name: str, color: str, disabled: str, sizes: frozenset[int]) -> QIcon:
    result = QIcon()
    for size in sizes:
        result.addPixmap(_pixmap(name, color, size))
        result.addPixmap(_pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return result


@cache
def _pixmap(name: str, color: str, size: int) -> QPixmap:
    drawn = QPixmap(_shape(name, size))
    painter = QPainter(drawn)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(drawn.rect(), QColor(color))
    painter.end()
    return drawn


@cache
def _shape(name: str, size: int) -> QPixmap:
    """The drawing in black: reading it takes ten times as long as giving it a colour."""
    renderer = _renderer(name)
    drawn = QPixmap(size, size)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter)
    painter.end()
    return drawn


@cache
def _renderer(name: str) -> QSvgRenderer:
    source = asset_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", "#000000").encode()))
