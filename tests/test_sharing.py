"""What a layer would cost otherwise: the counts are those of the layers themselves."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.explain.sharing import costs, sharing
from cnnviz.layers import Activation, Conv2d, Dense, Flatten, Layer, LocallyConnected2d, Maps, Size
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import preset

if TYPE_CHECKING:
    from cnnviz.explain import Formula


def formulas(*layers: Layer, image: Input = Input(), uid: str = "0") -> list[Formula]:  # noqa: B008
    network = named_by_place(Network(input=image).with_layers(layers))
    return list(sharing(analyze(network), uid))


def results(found: list[Formula]) -> list[int]:
    return [int(formula.result.replace(",", "")) for formula in found]


def worked_out(formula: Formula) -> int:
    """The terms as Python reads them."""
    words = "".join(str(term.text) for term in formula.terms)
    return int(eval(words.replace(",", "").replace("·", "*").replace("×", "*")))


@given(
    st.integers(3, 12), st.integers(3, 12), st.integers(1, 4), st.integers(1, 5),
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.booleans(),
)  # fmt: skip
def test_the_three_are_what_such_layers_count(
    height: int, width: int, channels: int, filters: int, kh: int, kw: int, s: int, local: bool
) -> None:
    x = Maps(height, width, channels)
    settings = {"filters": filters, "kernel": Size(kh, kw), "stride": Size(s, s), "bias": False}
    conv, locally = Conv2d(**settings), LocallyConnected2d(**settings)  # type: ignore[arg-type]
    y = conv.output_shape(x)
    assert isinstance(y, Maps)
    dense = Dense(units=y.size, bias=False)
    found = formulas(locally if local else conv, image=Input(height, width, channels))
    expected = [sum(map(prod, layer.parameters(x).values())) for layer in (dense, locally, conv)]
    assert results(found) == [*expected, conv.multiply_adds(x, y)]
    assert [worked_out(formula) for formula in found] == results(found)


def test_the_bars_are_the_same_counts() -> None:
    layers = (Flatten(), Dense(units=10**6))
    report = analyze(named_by_place(Network(input=Input(1000, 1000, 1)).with_layers(layers)))
    found = costs(report, "1")
    assert [number for _, number, _ in found] == [10**12, 10**8, 100]
    assert [own for *_, own in found] == [True, False, False]
    assert costs(report, "0") == ()


def test_the_lesson_of_a_million_hidden_units() -> None:
    """1000×1000 pixels: dense 10¹², local 10×10 fields 10⁸, one shared filter 100."""
    image = Input(1000, 1000, 1)
    found = formulas(Flatten(), Dense(units=10**6), image=image, uid="1")
    assert results(found)[:3] == [10**12, 10**8, 100]
    found = formulas(Conv2d(filters=100, kernel=Size(10, 10), padding="same"), image=image)
    assert results(found) == [10**14, 10**10, 10**4, 10**10]


def test_groups_and_connections() -> None:
    network = preset("lenet-5")
    uid = [layer.uid for layer in network.layers if layer.kind == "conv2d"][1]
    found = list(sharing(analyze(network), uid))
    assert results(found) == [14 * 14 * 6 * 10 * 10 * 16, 100 * 1500, 1500, 100 * 1500]
    assert [worked_out(formula) for formula in found] == results(found)
    grouped = formulas(Conv2d(filters=4, groups=2), image=Input(8, 8, 4))
    assert results(grouped)[2] == 9 * 2 * 4


def test_where_there_is_nothing_to_share() -> None:
    assert formulas(Activation()) == []
    assert formulas(Conv2d(kernel=Size(40, 40))) == []  # it does not work
    found = formulas(Flatten(), Dense(), Dense(units=10), uid="2")
    assert [str(formula.title) for formula in found] == ["Nothing to share"]


@pytest.mark.parametrize(("side", "window"), [(28, 10), (20, 10), (19, 3), (5, 3), (2, 2)])
def test_windows_of_a_dense_layer(side: int, window: int) -> None:
    found = formulas(Flatten(), Dense(units=7), image=Input(side, side, 1), uid="1")
    assert results(found)[1] == 7 * window**2
