"""The scale says which colour is which number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.colors import luts
from ui.theme import theme
from ui.widgets.color_scale import ColorScale

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_ends_and_middle_have_the_colours_of_the_language(qtbot: QtBot) -> None:
    theme.set_mode("light")
    scale = ColorScale()
    qtbot.addWidget(scale)
    scale.set_range(0.6)
    scale.resize(511, scale.sizeHint().height())
    image = scale.grab().toImage()
    for x, index in [(100, 50), (255, 127), (411, 204)]:
        shown, expected = image.pixelColor(x, 5), luts(False).signed[index]
        assert abs(shown.red() - (int(expected) >> 16 & 255)) <= 4
        assert abs(shown.blue() - (int(expected) & 255)) <= 4


def test_what_is_never_negative_has_the_blue_half_alone(qtbot: QtBot) -> None:
    theme.set_mode("light")
    scale = ColorScale()
    qtbot.addWidget(scale)
    scale.set_range(0.6, one_sided=True)
    scale.resize(511, scale.sizeHint().height())
    image = scale.grab().toImage()
    for x, index in [(100, 152), (411, 229)]:
        shown, expected = image.pixelColor(x, 5), luts(False).signed[index]
        assert abs(shown.red() - (int(expected) >> 16 & 255)) <= 4
        assert abs(shown.blue() - (int(expected) & 255)) <= 4


def test_it_is_said_in_words(qtbot: QtBot) -> None:
    scale = ColorScale()
    qtbot.addWidget(scale)
    scale.set_range(0.6)
    assert scale.accessibleDescription() == "From −0.6, orange, over 0 to 0.6, blue"
    scale.set_range(0.6, one_sided=True)
    assert scale.accessibleDescription() == "From 0 to 0.6, blue"
    scale.set_range(None, grey=True)
    assert scale.accessibleDescription() == "From 0, black, to 1, white"
    scale.set_range(None)
    assert scale.accessibleDescription() == ""
    assert not scale.grab().isNull()
