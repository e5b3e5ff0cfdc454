"""Explanations: what is computed from the shown terms is what the report says, for every kind."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.explain import EXPLAINERS, Formula, Seen, explain, explain_input, seen_by
from cnnviz.layers import (
    KINDS,
    AvgPool,
    Border,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    MaxPool,
    ZeroPadding,
    fields_of,
)
from cnnviz.message import Message
from cnnviz.network import Input, Network
from tests.support.all_kinds import inputs, networks, sliding_layers
from tests.support.formulas import alone, by_title, evaluate, number, shown


def test_the_evaluator_reads_formulas_as_people_do() -> None:
    assert evaluate("⌊(28 + 2·0 − 1·(5 − 1) − 1) / 3⌋ + 1") == 8
    assert evaluate("⌈28 / 3⌉") == 10
    assert evaluate("max((2 − 1)·3 + 1 − 5, 0)") == 0
    assert evaluate("1,024·2 + 0.5 × 2") == 2049
    assert evaluate("3·(8 / 4)·2") == 12
    assert evaluate("⌈1 + (⌈(1·(3 − 1) + 1) / 2⌉ − 1)·1/2⌉") == 2


def messages(formula: Formula) -> list[Message]:
    found = [formula.title, formula.unit, formula.rule, formula.note]
    found += [term.text for term in formula.terms if isinstance(term.text, Message)]
    return [message for message in found if message is not None]


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
