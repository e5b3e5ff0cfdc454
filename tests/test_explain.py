"""Explanations: what is computed from the shown terms is what the report says, for every kind."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz.analysis import Report, Row, analyze
from cnnviz.explain import EXPLAINERS, Formula, Seen, explain, explain_input, seen_by, totals
from cnnviz.layers import (
    FUNCTION_NAMES,
    KINDS,
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
    fields_of,
)
from cnnviz.layers.windows import unread
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network, named_by_place

# --- an evaluator of what is shown -------------------------------------------------------------

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"max": max, "floor": math.floor, "ceil": math.ceil}


def shown(formula: Formula) -> str:
    """The terms without the words, which stand behind numbers to say what they are."""
    return "".join(term.text for term in formula.terms if isinstance(term.text, str))


def evaluate(text: str) -> float:
    """The value of a formula as one reads it, exact where all numbers in it are whole."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for mark, plain in (("·", "*"), ("×", "*"), ("−", "-")):
        text = text.replace(mark, plain)
    for mark, plain in (("⌊", "floor("), ("⌈", "ceil("), ("⌋", ")"), ("⌉", ")")):
        text = text.replace(mark, plain)
    return _value(ast.parse(text, mode="eval").body)


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() as value):
            return Fraction(value)
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*map(_value, args))
    raise AssertionError(ast.dump(node))


def number(result: str) -> float:
    return float(result.replace(",", ""))


def test_the_evaluator_reads_formulas_as_people_do() -> None:
    assert evaluate("⌊(28 + 2·0 − 1·(5 − 1) − 1) / 3⌋ + 1") == 8
    assert evaluate("⌈28 / 3⌉") == 10
    assert evaluate("max((2 − 1)·3 + 1 − 5, 0)") == 0
    assert evaluate("1,024·2 + 0.5 × 2") == 2049
    assert evaluate("3·(8 / 4)·2") == 12
    assert evaluate("⌈1 + (⌈(1·(3 − 1) + 1) / 2⌉ − 1)·1/2⌉") == 2


# --- networks ------------------------------------------------------------------------------

small = st.integers(1, 5)
sizes = st.builds(Size, small, small)
borders = st.builds(Border, st.integers(0, 3), st.integers(0, 3))
paddings = st.sampled_from(["valid", "same"]) | borders
inputs = st.builds(Input, st.integers(1, 40), st.integers(1, 40), st.integers(1, 8))
pools = {
    "kernel": sizes,
    "stride": st.none() | sizes,
    "padding": paddings,
    "rounding": st.sampled_from(["floor", "ceil"]),
}
sliding_layers: st.SearchStrategy[Layer] = st.one_of(
    st.builds(
        Conv2d,
        filters=st.integers(1, 12),
        kernel=sizes,
        stride=sizes,
        padding=paddings,
        dilation=sizes,
        groups=st.integers(1, 4),
        bias=st.booleans(),
    ),
    st.builds(MaxPool, **pools),
    st.builds(AvgPool, **pools),
    st.just(GlobalAvgPool()),
)
map_layers: st.SearchStrategy[Layer] = st.one_of(
    sliding_layers,
    st.builds(
        Conv2d,
        filters=st.just(3),
        kernel=sizes,
        connections=st.just(((0,), (0, 1), (1, 2))),
        bias=st.booleans(),
    ),
    st.builds(
        TransposedConv2d,
        filters=st.integers(1, 12),
        kernel=sizes,
        stride=sizes,
        padding=paddings,
        dilation=sizes,
        groups=st.integers(1, 3),
        bias=st.booleans(),
    ),
    st.builds(
        LocallyConnected2d,
        filters=st.integers(1, 4),
        kernel=sizes,
        stride=sizes,
        padding=st.just("valid") | borders,
        bias=st.booleans(),
    ),
    st.builds(Subsampling, kernel=sizes, stride=st.none() | sizes),
    st.builds(AdaptiveAvgPool, size=st.builds(Size, st.integers(1, 9), st.integers(1, 9))),
    st.just(GlobalMaxPool()),
    st.builds(ZeroPadding, padding=st.builds(Sides, *[st.integers(0, 3)] * 4)),
    st.builds(LocalResponseNorm, size=st.integers(1, 7), alpha=st.floats(0, 1)),
    st.builds(ChannelDropout, rate=st.floats(0, 1)),
)
any_layers: st.SearchStrategy[Layer] = st.one_of(
    st.builds(
        Activation,
        function=st.sampled_from(sorted(FUNCTION_NAMES)),
        slope=st.none() | st.floats(0, 10, allow_nan=False),
    ),
    st.builds(
        BatchNorm, momentum=st.floats(0, 1), epsilon=st.floats(1e-9, 1), affine=st.booleans()
    ),
    st.builds(LayerNorm, epsilon=st.floats(1e-9, 1), affine=st.booleans()),
    st.builds(GroupNorm, groups=st.integers(1, 3), affine=st.booleans()),
    st.builds(Dropout, rate=st.floats(0, 1)),
    st.just(Flatten()),
)
vector_layers = st.builds(Dense, units=st.integers(1, 2000), bias=st.booleans()) | any_layers


@st.composite
def networks(draw: st.DrawFn, maps: st.SearchStrategy[Layer] = map_layers) -> Network:
    """Mostly working ones, of all kinds, or of some for maps."""
    layers = draw(st.lists(maps | any_layers, max_size=4))
    if draw(st.booleans()):
        layers += [Flatten(), *draw(st.lists(vector_layers, max_size=3))]
    return named(draw(inputs), *layers)


def named(image: Input, *layers: Layer) -> Network:
    count = iter(range(1000))
    return Network(input=image).with_layers(layers).named(lambda: f"u{next(count)}")


def alone(layer: Layer, image: Input | None = None) -> tuple[Row, dict[str, Formula]]:
    """A layer right behind the input: its row, and its formulas by title."""
    report = analyze(named(image or Input(28, 28, 1), layer))
    return report.rows[0], by_title(explain(report, "u0"))


def by_title(formulas: tuple[Formula, ...]) -> dict[str, Formula]:
    titles = [str(formula.title) for formula in formulas]
    assert len(set(titles)) == len(titles)
    return dict(zip(titles, formulas, strict=True))


def messages(formula: Formula) -> list[Message]:
    found = [formula.title, formula.unit, formula.rule, formula.note]
    found += [term.text for term in formula.terms if isinstance(term.text, Message)]
    return [message for message in found if message is not None]


# --- what must hold for all -------------------------------------------------------------------


def test_no_kind_is_missed() -> None:
    assert set(EXPLAINERS) == set(KINDS)


@given(networks())
def test_terms_evaluate_to_the_result(network: Network) -> None:
    report = analyze(network)
    rows = [(row, explain(report, row.layer.uid)) for row in report.rows]
    for formula in (*explain_input(report), *(f for _, found in rows for f in found)):
        for message in messages(formula):
            assert str(message)
        if formula.result and shown(formula):
            assert float(evaluate(shown(formula))) == pytest.approx(
                number(formula.result), rel=1e-12
            )
        else:
            told = formula.terms or formula.result or formula.problem
            assert told or formula.title.template.startswith("Waiting")


@given(networks())
def test_results_are_those_of_the_report(network: Network) -> None:
    report = analyze(network)
    for row in report.rows:
        formulas = by_title(explain(report, row.layer.uid))
        if row.output is None:
            continue
        assert row.receptive_field is not None
        assert _result(formulas, "Parameters") == (row.parameter_count or None)
        assert _result(formulas, "Multiply-adds") == (row.multiply_adds or None)
        assert _result(formulas, "Running statistics") == (row.buffer_count or None)
        assert _result(formulas, "Memory") == 4 * row.output.size
        assert _field(formulas) == (row.receptive_field.height, row.receptive_field.width)
        slides = row.layer.family in {"convolution", "pooling"} and hasattr(row.layer, "kernel")
        if isinstance(row.output, Maps) and (slides or isinstance(row.layer, ZeroPadding)):
            both = _result(formulas, "Output height and width")
            assert (
                both or _result(formulas, "Output height"),
                both or _result(formulas, "Output width"),
            ) == (row.output.height, row.output.width)


def _result(formulas: dict[str, Formula], title: str) -> float | None:
    return number(formulas[title].result) if title in formulas and formulas[title].result else None


def _field(formulas: dict[str, Formula]) -> tuple[float, float]:
    if "Receptive field" not in formulas:
        return (
            number(formulas["Receptive field, height"].result),
            number(formulas["Receptive field, width"].result),
        )
    height, _, width = formulas["Receptive field"].result.partition("×")
    return number(height), number(width or height)


@given(networks())
def test_roles_name_fields_or_inputs(network: Network) -> None:
    report = analyze(network)
    for row in report.rows:
        allowed = {field.name for field in fields_of(type(row.layer))} | {"input", "channels", ""}
        for formula in explain(report, row.layer.uid):
            assert {term.role for term in formula.terms} <= allowed
            for term in formula.terms:  # operators and words are nobody's number
                assert not term.role or re.fullmatch(r"[\d.,]+", str(term.text))


@given(networks())
def test_a_setting_is_shown_as_it_is(network: Network) -> None:
    report = analyze(network)
    for row in report.rows:
        for formula in explain(report, row.layer.uid):
            for term in formula.terms:
                if term.role in ("filters", "groups", "units", "slope", "rate", "epsilon"):
                    assert number(str(term.text)) == row.layer.effective(term.role)


@given(sliding_layers, inputs)
def test_padding_and_pixels_never_read(layer: Layer, image: Input) -> None:
    """Against a walk over all positions of the window."""
    assume(not isinstance(layer, GlobalAvgPool))
    assert isinstance(layer, Conv2d | MaxPool | AvgPool)
    row, formulas = alone(layer, image)
    assume(isinstance(row.output, Maps))
    assert isinstance(row.output, Maps)
    stride = (layer.stride if isinstance(layer, Conv2d) else layer.step).pair
    dilation = layer.dilation.pair if isinstance(layer, Conv2d) else (1, 1)
    names = (("Output height", "Padding of the height"), ("Output width", "Padding of the width"))
    both = ("Output height and width", "Padding of height and width")
    dimensions = ((image.height, row.output.height), (image.width, row.output.width))
    for axis, (size, positions) in enumerate(dimensions):
        kernel = layer.kernel.pair[axis]
        zeros = 0
        if isinstance(layer.padding, Border):
            zeros = layer.padding.pair[axis]
        elif layer.padding == "same":
            formula = formulas.get(both[1]) or formulas[names[axis][1]]
            sides = formula.unit.values if formula.unit is not None else {"before": 0, "after": 0}
            assert sides["before"] + sides["after"] == number(formula.result)
            assert 0 <= sides["after"] - sides["before"] <= 1
            zeros = sides["before"]
        read = {
            position * stride[axis] + step * dilation[axis] - zeros
            for position in range(positions)
            for step in range(kernel)
        }
        behind = sum(pixel > max(read) for pixel in range(size))
        note = (formulas.get(both[0]) or formulas[names[axis][0]]).note
        told = note is not None and "the last" in note.template
        assert (note.values["n"] if note is not None and told else 0) == behind


@given(networks(sliding_layers), st.data())
def test_the_pixels_that_a_value_sees(network: Network, data: st.DataObject) -> None:
    """Against the sets of pixels that each row and column really depends on."""
    report = analyze(network)
    works = [row for row in report.rows if row.output is not None]
    assume(works)
    image = network.input
    pixels = [[{i} for i in range(size)] for size in (image.height, image.width)]
    for row in works:
        layer = row.layer
        if isinstance(layer, GlobalAvgPool | Dense):
            pixels = [[set().union(*axis)] for axis in pixels]
        elif isinstance(layer, Conv2d | MaxPool | AvgPool):
            assert isinstance(row.output, Maps)
            pixels = [
                _slid(layer, axis, pixels[axis], size)
                for axis, size in enumerate((row.output.height, row.output.width))
            ]
    shape = works[-1].output
    place = (0, 0)
    if isinstance(shape, Maps):
        place = (
            data.draw(st.integers(0, shape.height - 1)),
            data.draw(st.integers(0, shape.width - 1)),
        )
    elif any(isinstance(row.layer, Flatten) for row in works):
        assume(len(pixels[0]) == len(pixels[1]) == 1)
    seen = seen_by(report, works[-1].layer.uid, *place)
    assert seen is not None
    rows, columns = pixels[0][place[0]], pixels[1][place[1]]
    assert seen == Seen(min(rows), max(rows), min(columns), max(columns))


def _slid(layer: Conv2d | MaxPool | AvgPool, axis: int, pixels: list, outputs: int) -> list:
    """The pixels behind each position of a window; in the padding they go on as in the middle."""
    stride = (layer.stride if isinstance(layer, Conv2d) else layer.step).pair[axis]
    spread = layer.dilation.pair[axis] if isinstance(layer, Conv2d) else 1
    kernel, size = layer.kernel.pair[axis], len(pixels)
    before = 0
    if isinstance(layer.padding, Border):
        before = layer.padding.pair[axis]
    elif layer.padding == "same":
        before = max((outputs - 1) * stride + spread * (kernel - 1) + 1 - size, 0) // 2
    jump = min(pixels[1]) - min(pixels[0]) if size > 1 else None

    def at(index: int) -> set[int]:
        if 0 <= index < size:
            return pixels[index]
        assume(jump is not None)
        assert jump is not None
        return {pixel + index * jump for pixel in pixels[0]}

    return [
        set().union(*(at(i * stride + j * spread - before) for j in range(kernel)))
        for i in range(outputs)
    ]


# --- single layers ------------------------------------------------------------------------------


def test_the_numbers_of_the_picture() -> None:
    _, formulas = alone(Conv2d(filters=8, kernel=Size(5, 5)))
    size = formulas["Output height and width"]
    assert shown(size) == "⌊(28 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1"
    assert size.result == "24"
    assert [term.role for term in size.terms if term.role] == [
        "input",
        "padding",
        "dilation",
        "kernel",
        "stride",
    ]
    assert formulas["Parameters"].result == "208"
    assert formulas["Multiply-adds"].result == "115,200"
    assert formulas["Receptive field"].result == "5"
    note = str(formulas["Parameters"].note)
    assert note.endswith("would need 3,617,280")
    dense = 784 * (24 * 24 * 8) + 24 * 24 * 8
    assert note.endswith(f"{dense:,}")


def test_same_names_its_rule_and_puts_the_odd_row_below() -> None:
    _, formulas = alone(
        Conv2d(kernel=Size(4, 2), stride=Size(2, 3), padding="same"), Input(28, 29, 1)
    )
    assert shown(formulas["Output height"]) == "⌈28 / 2⌉"
    assert formulas["Output width"].result == "10"
    assert str(formulas["Padding of the height"].unit) == "in all: 1 above, 1 below"
    assert formulas["Padding of the width"].result == "0"
    _, formulas = alone(Conv2d(kernel=Size(2, 2), padding="same"))
    assert str(formulas["Padding of height and width"].unit) == (
        "in all: 0 above and left, 1 below and right"
    )


def test_groups_and_missing_biases_are_in_the_formula() -> None:
    _, formulas = alone(Conv2d(filters=16, groups=4, bias=False), Input(9, 9, 8))
    assert shown(formulas["Parameters"]) == "3·3·(8 / 4)·16"
    assert formulas["Parameters"].result == "288"


def test_pooling_says_what_the_floor_drops() -> None:
    _, formulas = alone(MaxPool(kernel=Size(3, 3)), Input(11, 11, 2))
    note = formulas["Output height and width"].note
    assert note == Message("the last {n:,} px at the bottom and at the right are never read", n=2)
    assert unread(11, 3, 3, (0, 0)) == 2
    assert formulas["Windows"].result == "18"


def test_dense_behind_a_flatten_remembers_the_maps() -> None:
    report = analyze(named(Input(5, 5, 3), Flatten(), Dense(units=7)))
    formulas = by_title(explain(report, "u1"))
    assert shown(formulas["Parameters"]) == "75·7 + 7"
    assert "5·5·3" in str(formulas["Parameters"].note)


def test_dropout_counts_its_zeros_exactly() -> None:
    _, formulas = alone(Dropout(rate=0.1), Input(3, 1, 1))
    assert formulas["Values set to zero"].result == "0.3"
    assert "0.9" in str(formulas["Values set to zero"].note)
    _, formulas = alone(Dropout(rate=1.0))
    assert "below 1" in str(formulas["Values set to zero"].note)


# --- broken networks, and the whole ----------------------------------------------------------


def broken() -> Report:
    return analyze(named(Input(4, 4, 1), Conv2d(), Conv2d(kernel=Size(7, 7)), Flatten()), 10)


def test_a_problem_is_told_with_its_rule() -> None:
    report = broken()
    (formula,) = explain(report, "u1")
    assert report.problem is not None
    assert formula.problem
    assert (formula.title, formula.rule) == (report.problem.headline, report.problem.detail)


def test_what_waits_says_for_whom() -> None:
    (formula,) = explain(broken(), "u2")
    assert str(formula.title) == "Waiting for Conv to be mended"


def test_a_wrong_output_keeps_its_numbers() -> None:
    report = analyze(named(Input(4, 4, 1), Flatten(), Dense(units=9)), 10)
    problem, *formulas = explain(report, "u1")
    assert problem.problem
    assert by_title(tuple(formulas))["Parameters"].result == "153"


def test_an_empty_network_is_the_problem_of_its_input() -> None:
    report = analyze(Network(), 10)
    assert report.problem_uid == INPUT_UID
    assert explain_input(report)[0].problem
    assert not explain_input(analyze(Network()))[0].problem


def test_totals_are_those_of_the_report() -> None:
    network = named(
        Input(28, 28, 1),
        Conv2d(filters=8, kernel=Size(5, 5)),
        Activation(),
        MaxPool(),
        Flatten(),
        Dense(units=10),
    )
    report = analyze(network, 10)
    shapes = [Input(28, 28, 1).shape, *(row.output for row in report.rows)]
    activations = 4 * sum(shape.size for shape in shapes if shape is not None)
    assert {str(title): value for title, value, _ in totals(report)} == {
        "Parameters": f"{208 + 1152 * 10 + 10:,}",
        "Multiply-adds": f"{24 * 24 * 8 * 25 + 1152 * 10:,}",
        "Activations": f"{round(activations / 1000)} KB",
        "Sees": "6×6 px",
        "Depth": "2",
    }
    assert sum(prod(shape) for _, _, shape in report.tensor_keys()) == report.parameters


def test_totals_behind_a_problem_are_lower_bounds() -> None:
    values = [value for _, value, _ in totals(broken())]
    assert all(value.startswith("≥ ") for value in values)
    wrong_output = analyze(named(Input(4, 4, 1), Flatten(), Dense(units=9)), 10)
    assert not any(value.startswith("≥") for _, value, _ in totals(wrong_output))


# --- the kinds beside convolution and pooling -----------------------------------------------------


def test_a_transposed_convolution_shows_its_stamps() -> None:
    _, formulas = alone(TransposedConv2d(filters=4, kernel=Size(3, 3)), Input(7, 7, 2))
    assert shown(formulas["Output height and width"]) == "(7 − 1)·2 + 1·(3 − 1) + 1"
    assert formulas["Output height and width"].result == "15"
    assert shown(formulas["Parameters"]) == "3·3·4·2 + 4"
    assert shown(formulas["Multiply-adds"]) == "7·7·2 × 3·3·4"
    assert shown(formulas["Receptive field"]) == "1 + (⌈(1·(3 − 1) + 1) / 2⌉ − 1)·1"
    assert str(formulas["Receptive field"].unit) == "input pixels, 1/2 apart"
    _, formulas = alone(TransposedConv2d(kernel=Size(5, 5), padding="same"), Input(7, 7, 2))
    assert str(formulas["Receptive field"].note) == "the first begins at row −1, column −1"
    assert shown(formulas["Output height and width"]) == "7·2"
    assert str(formulas["Padding of height and width"].unit) == "in all: 1 before, 2 after"


def test_a_locally_connected_layer_says_what_sharing_saves() -> None:
    _, formulas = alone(LocallyConnected2d(filters=2), Input(6, 5, 3))
    assert shown(formulas["Parameters"]) == "4·3·2 × 3·3·3 + 4·3·2"
    assert str(formulas["Parameters"].note).endswith(f"needs {27 * 2 + 2}")


def test_a_table_of_connections_counts_only_what_is_in_it() -> None:
    layer = Conv2d(filters=2, kernel=Size(5, 5), connections=((0, 1), (2,)))
    _, formulas = alone(layer, Input(14, 14, 3))
    assert shown(formulas["Parameters"]) == "5·5·3 + 2"
    assert shown(formulas["Multiply-adds"]) == "10·10 × 5·5·3"
    assert "6 connections and 150 weights" in str(formulas["Parameters"].note)


def test_ceil_leaves_a_window_out_that_begins_behind_the_input() -> None:
    _, formulas = alone(MaxPool(kernel=Size(2, 2), stride=Size(3, 3), rounding="ceil"),
                        Input(6, 6, 1))  # fmt: skip
    assert shown(formulas["Output height and width"]) == "⌈(6 + 2·0 − 2) / 3⌉ + 1 − 1"
    _, formulas = alone(MaxPool(kernel=Size(3, 3), stride=Size(2, 2), rounding="ceil"),
                        Input(6, 6, 1))  # fmt: skip
    assert shown(formulas["Output height and width"]) == "⌈(6 + 2·0 − 3) / 2⌉ + 1"


def test_adaptive_windows_and_groups_of_maps() -> None:
    _, formulas = alone(AdaptiveAvgPool(size=Size(4, 4)), Input(7, 7, 2))
    assert shown(formulas["Largest window"]) == "⌊7 / 4⌋ + 2"
    _, formulas = alone(GroupNorm(groups=2), Input(4, 3, 6))
    assert shown(formulas["Values of a group"]) == "4·3·(6 / 2)"
    _, formulas = alone(LayerNorm(), Input(4, 3, 6))
    assert shown(formulas["Parameters"]) == "2·4·3·6"


def test_behind_squeeze_and_excitation_the_field_is_said_to_be_an_upper_bound() -> None:
    """The largest part of it is no padding: the branch of one value sees the whole image."""
    squeeze = Branches(
        merge="multiply", branches=((), (GlobalAvgPool(), Conv2d(filters=4, kernel=Size(1, 1))))
    )
    layers = (Conv2d(filters=4, padding="same"), squeeze, Conv2d(padding="same"))
    report = analyze(named_by_place(Network(input=Input(16, 16, 1), layers=layers)))
    field = next(f for f in explain(report, "2") if str(f.title) == "Receptive field")
    assert field.result == "20"
    assert str(field.note) == (
        "an upper bound: the first value really depends on 19×19, padding included"
    )
    chain = analyze(named_by_place(Network(input=Input(16, 16, 1), layers=(layers[0],) * 9)))
    field = next(f for f in explain(chain, "8") if str(f.title) == "Receptive field")
    assert str(field.note).startswith("more than the 16×16 image: the rest is padding")
