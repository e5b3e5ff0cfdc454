"""A comparison as text, Markdown, CSV and JSON says what it holds."""

from __future__ import annotations

import csv
import io
import json

from cnnviz.analysis import analyze
from cnnviz.compare import compare
from cnnviz.export.comparison import (
    comma_separated,
    comparison_json,
    comparison_table,
    markdown,
    ratio_text,
    total_cells,
)
from cnnviz.layers import Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from cnnviz.presets import preset

LEFT = Network(name="Left", layers=(Conv2d(filters=4), Flatten(), Dense(units=10)))
RIGHT = LEFT.replace("", Conv2d(filters=4, kernel=Size(5, 5))).insert(1, Conv2d(filters=1))
COMPARISON = compare(analyze(LEFT), analyze(RIGHT))
NAMES = ("Left", "Right")


def test_the_table_marks_what_differs() -> None:
    lines = comparison_table(COMPARISON, NAMES).splitlines()
    assert lines[0].split() == ["Left", "Right"]
    assert [line[0] for line in lines[2:6]] == ["≠", "+", "≠", "≠"]
    assert "Conv 3×3 · 4" in lines[2]
    assert "Conv 5×5 · 4" in lines[2]
    assert lines[-1] == (
        "0 alike (=), 3 changed (≠), 0 only on the left (−), 1 only on the right (+)."
    )
    parameters = next(line for line in lines if line.startswith("Parameters"))
    assert parameters.split() == ["Parameters", "27,090", "4,991", "−22,099", "×0.184"]


def test_json_has_every_pair_and_total() -> None:
    document = json.loads(comparison_json(COMPARISON, NAMES))
    assert (document["left"], document["right"]) == NAMES
    assert [row["verdict"] for row in document["rows"]] == [
        "changed",
        "right",
        "changed",
        "changed",
    ]
    assert document["rows"][1]["left"] is None
    assert document["rows"][1]["right"]["output_shape"] == [22, 22, 1]
    assert document["rows"][0]["differs"][0] == "settings"
    assert document["totals"]["layers"] == {
        "left": 3, "right": 4, "difference": 1, "ratio": 4 / 3,
    }  # fmt: skip


def test_csv_is_read_back() -> None:
    rows = list(csv.DictReader(io.StringIO(comma_separated(COMPARISON))))
    assert [row["verdict"] for row in rows] == ["changed", "right", "changed", "changed"]
    assert rows[1]["left_layer"] == ""
    assert rows[0]["right_parameters"] == "104"
    assert rows[3]["left_output_shape"] == "10"


def test_markdown_has_as_many_columns_in_every_line() -> None:
    head = ("layer", "output", "parameters", "multiply-adds", "sees")
    said = markdown(COMPARISON, ("a|b", "c"), head, ("difference", "ratio"))
    layers, totals = said.split("\n\n")
    assert {line.count("|") for line in layers.splitlines()} == {12}
    assert {line.count("|") for line in totals.splitlines()} == {6}


def test_what_is_not_known_is_said() -> None:
    broken = Network(layers=(Conv2d(kernel=Size(40, 40)),))
    comparison = compare(analyze(preset("tiny")), analyze(broken))
    cells = {total.name: total_cells(total) for total in comparison.totals}
    assert cells["parameters"] == ("Parameters", "1,958", "≥ 0", "−1,958", "×0")
    assert cells["sees"] == ("Sees, px", "12", "—", "—", "—")
    assert "?" in comparison_table(comparison, NAMES)


def test_a_frozen_layer_says_so() -> None:
    frozen = LEFT.replace(LEFT.layers[0].uid, Conv2d(filters=4, frozen=True))
    comparison = compare(analyze(LEFT), analyze(frozen))
    assert "Conv 3×3 · 4 ❄" in comparison_table(comparison, NAMES)
    trainable = next(one for one in comparison.totals if one.name == "trainable")
    assert trainable.difference == -40


def test_ratios_are_short() -> None:
    ratios = (1, 4 / 3, 10_000, 1e-10, 0.184, 123.4, 1 / 72190, 0)
    assert [ratio_text(ratio) for ratio in ratios] == [
        "×1", "×1.33", "×10,000", "÷10,000,000,000", "×0.184", "×123", "÷72,200", "×0",
    ]  # fmt: skip
