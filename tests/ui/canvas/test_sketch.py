"""The network from far away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetricsF, QImage

from cnnviz.network import Network
from tests.ui.rearranging import NESTED
from ui.canvas.sketch import SIZES, _fits, _fonts, _ways
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.canvas.support import Made


@pytest.fixture(autouse=True)
def channels_last() -> Iterator[None]:
    yield
    language.set_channels_first(False)


def colors(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_farther_still_there_is_nothing_but_the_colours_of_the_kinds(made: Made) -> None:
    session, canvas = made(NESTED, width=700)
    canvas.set_zoom(0.15)
    families = theme.colors.families
    kinds = ("convolution", "normalisation", "activation", "pooling", "dense", "branches")
    assert {families[kind] for kind in kinds} <= colors(canvas.viewport().grab().toImage())
    assert theme.colors.danger not in colors(canvas.viewport().grab().toImage())
    session.set_field("out", "units", 7)
    assert theme.colors.danger in colors(canvas.viewport().grab().toImage())


def test_what_is_selected_is_marked_at_every_distance(made: Made) -> None:
    session, canvas = made(Network(layers=NESTED.layers), width=700)
    session.select("pool")
    for zoom in (0.3, 0.15):
        canvas.set_zoom(zoom)
        marked = canvas.viewport().grab().toImage()
        session.select("flat")
        assert canvas.viewport().grab().toImage() != marked
        session.select("pool")


def test_a_problem_is_seen_on_the_selected_card_too(made: Made) -> None:
    session, canvas = made(NESTED, width=700)
    session.select("out")
    canvas.set_zoom(0.3)
    session.set_field("out", "units", 7)
    box = canvas.arrangement.boxes["out"]
    top = canvas.mapFromScene(box.left + box.width / 2, box.top + 5)
    image = canvas.viewport().grab().toImage()
    assert image.pixelColor(top).name() == theme.colors.danger


def test_channels_have_a_line_of_their_own_and_at_last_each_number(made: Made) -> None:
    _, canvas = made(NESTED)
    assert list(_ways(canvas.card("first").content)) == ["26×26\n×8", "26\n×26\n×8"]
    assert list(_ways(canvas.card("out").content)) == ["10"]
    language.set_channels_first(True)
    assert list(_ways(canvas.card("first").content)) == ["8×\n26×26", "8×\n26×\n26"]


@pytest.mark.parametrize("zoom", [0.25, 0.32, 0.44])
def test_a_narrow_card_says_its_shape_in_smaller_type(made: Made, zoom: float) -> None:
    _, canvas = made(NESTED)
    words, wide = "24×24\n×8", canvas.arrangement.boxes["first"]
    large, *_, small = _fonts(zoom)
    assert (large.pixelSize() > small.pixelSize()) == (SIZES[0] > SIZES[-1])
    needed = QFontMetricsF(large).horizontalAdvance("24×24")
    narrow = wide._replace(width=needed - 1)
    assert not _fits(words, large, narrow)
    assert _fits(words, small, narrow)
    assert not _fits(words, small, wide._replace(width=needed / 2))
