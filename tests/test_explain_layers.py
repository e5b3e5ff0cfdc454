"""Explanations of single layers, of broken networks and of the whole, to the letter."""

from __future__ import annotations

from math import prod

from cnnviz.analysis import Report, analyze
from cnnviz.explain import explain, explain_input, totals
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    LayerNorm,
    LocallyConnected2d,
    MaxPool,
    Size,
    TransposedConv2d,
)
from cnnviz.layers.windows import unread
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network, named_by_place
from tests.support.formulas import alone, by_title, named, shown

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
    assert str(formula.title) == "Waiting for Conv to be fixed"


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


def test_a_block_of_one_branch_does_not_speak_of_several() -> None:
    """As after a selection has been wrapped, before a second branch is there."""
    branch = (Conv2d(filters=8, padding="same"),)
    added, multiplied = (
        str(alone(Branches(merge=merge, branches=(branch,)))[1]["Output"].terms[0].text)
        for merge in ("add", "multiply")
    )
    assert added == "1 branch of 28×28×8, with nothing to add to it"
    assert multiplied == "1 branch of 28×28×8, with nothing to multiply it by"


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
