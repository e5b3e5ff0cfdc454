"""Every drawing can be drawn, in any colour, sharp at any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor, QIcon

from cnnviz.assets import asset_path
from cnnviz.blocks import BLOCKS
from cnnviz.layers import KINDS
from ui.icons import icon, pixmap
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

DRAWINGS = sorted(path.stem for path in asset_path("icons").glob("*.svg"))
OURS = [name for name in DRAWINGS if not name.startswith("control-")]


@pytest.mark.parametrize("name", OURS)
def test_a_drawing_fills_its_square_in_one_colour(qapp: QApplication, name: str) -> None:
    image = pixmap(name, 48, "#2563eb").toImage()
    drawn = [
        (x, y)
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() > 250
    ]  # fmt: skip
    assert drawn
    for x, y in drawn:
        color = image.pixelColor(x, y)
        assert abs(color.red() - 0x25) + abs(color.blue() - 0xEB) < 12
    edge = [(at, side) for at in range(48) for side in (0, 47)]
    edge += [(side, at) for at, side in edge]
    assert not any(image.pixelColor(x, y).alpha() for x, y in edge), "cut off at the edge"
    columns = {x for x, _ in drawn}
    rows = {y for _, y in drawn}
    assert max(max(columns) - min(columns), max(rows) - min(rows)) >= 20


def test_the_names_that_views_rely_on_exist() -> None:
    actions = (
        "new open save undo redo play pause step stop reset pen eraser trash dice image language "
        "sun moon fullscreen link unlink plus minus duplicate delete close arrow warning error "
        "check search chevron info settings bolt"
    )
    kinds = {kind.__struct_config__.tag for kind in KINDS}
    assert {*actions.split(), *kinds, *BLOCKS, "input"} <= set(OURS)


def test_no_two_drawings_are_the_same(qapp: QApplication) -> None:
    seen: dict[bytes, str] = {}
    for name in OURS:
        bits = bytes(pixmap(name, 16, "#000000").toImage().constBits())
        assert bits not in seen, f"{name} looks like {seen.get(bits)}"
        seen[bits] = name


def test_an_icon_follows_the_theme(qapp: QApplication) -> None:
    theme.set_mode("light")
    light = icon("plus").pixmap(16).toImage()
    theme.set_mode("dark")
    dark = icon("plus").pixmap(16).toImage()
    assert light.pixelColor(8, 8) == QColor("#0f172a")
    assert dark.pixelColor(8, 8) == QColor("#f1f5f9")


def test_an_icon_has_a_paler_form_for_what_is_disabled(qapp: QApplication) -> None:
    both = [icon("stop").pixmap(24, mode) for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled)]
    assert both[0].toImage() != both[1].toImage()


def test_dense_screens_get_more_pixels(qapp: QApplication) -> None:
    drawn = pixmap("play", 16, ratio=2.0)
    assert (drawn.width(), drawn.deviceIndependentSize().width()) == (32, 16)


def test_a_missing_drawing_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no such drawing")
    assert theme.beforehand is not None
    for _ in theme.beforehand():  # as before every change of the theme
        pass
