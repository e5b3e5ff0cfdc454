"""`cnnviz summary` and `cnnviz compare`: tables for people, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnviz.analysis import analyze
from cnnviz.files import save_network, save_project
from cnnviz.layers import BatchNorm, Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from cnnviz.presets import PRESETS, preset
from cnnviz.project import Project
from tests.support.command_line import SMALL, Command


def test_summary_as_json_is_what_the_design_says(command: Command, tmp_path: Path) -> None:
    network = SMALL.insert(0, BatchNorm()).insert(0, Conv2d(filters=4, kernel=Size(5, 3)))
    save_network(tmp_path / "net.json", network)
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 0
    assert said.err == ""
    assert json.loads(said.out) == {
        "layers": [
            {
                "path": "0",
                "type": "conv2d",
                "output_shape": [24, 26, 4],
                "parameters": 64,
                "buffers": 0,
                "multiply_adds": 37_440,
                "receptive_field": [5, 3],
                "problem": None,
            },
            {
                "path": "1",
                "type": "batch_norm",
                "output_shape": [24, 26, 4],
                "parameters": 8,
                "buffers": 8,
                "multiply_adds": 0,
                "receptive_field": [5, 3],
                "problem": None,
            },
            {
                "path": "2",
                "type": "max_pool",
                "output_shape": [6, 6, 4],
                "parameters": 0,
                "buffers": 0,
                "multiply_adds": 0,
                "receptive_field": [8, 6],
                "problem": None,
            },
            {
                "path": "3",
                "type": "flatten",
                "output_shape": [144],
                "parameters": 0,
                "buffers": 0,
                "multiply_adds": 0,
                "receptive_field": [8, 6],
                "problem": None,
            },
            {
                "path": "4",
                "type": "dense",
                "output_shape": [10],
                "parameters": 1450,
                "buffers": 0,
                "multiply_adds": 1440,
                "receptive_field": [28, 26],
                "problem": None,
            },
        ],
        "parameters": 1522,
        "buffers": 8,
        "multiply_adds": 38_880,
    }


def test_summary_of_a_broken_network(command: Command, tmp_path: Path) -> None:
    broken = SMALL.insert(1, Conv2d(kernel=Size(9, 9)))
    save_network(tmp_path / "net.json", broken)
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 1
    document = json.loads(said.out)
    rows = document["layers"]
    assert [row["path"] for row in rows] == ["0", "1", "2", "3"]
    assert rows[0]["output_shape"] == [7, 7, 1]
    assert rows[0]["problem"] is None
    for row in rows[1:]:
        for name in ("output_shape", "parameters", "buffers", "multiply_adds", "receptive_field"):
            assert row[name] is None
    assert rows[1]["problem"] == "The 9×9 kernel is larger than its 7×7 input."
    assert rows[2]["problem"] is rows[3]["problem"] is None
    assert document["parameters"] == 0
    said = command("summary", tmp_path / "net.json")
    assert said.code == 1
    assert "Layer 1 (Conv): The 9×9 kernel is larger" in said.out.splitlines()[-1]
    # A headline that begins with the name of the layer is not given it a second time.
    save_network(tmp_path / "net.json", Network(layers=(Dense(),)))
    said = command("summary", tmp_path / "net.json")
    assert said.out.splitlines()[-1].startswith("Layer 0: Dense needs a vector")


@pytest.mark.parametrize("name", PRESETS)
def test_totals_are_the_sums_of_the_rows(command: Command, name: str) -> None:
    said = command("summary", name, "--json")
    assert said.code == 0
    document = json.loads(said.out)
    for total in ("parameters", "buffers", "multiply_adds"):
        assert document[total] == sum(row[total] for row in document["layers"])


def test_a_project_must_fit_its_data_set_and_a_network_alone_need_not(
    command: Command, tmp_path: Path
) -> None:
    network = SMALL.with_layers((*SMALL.layers[:-1], Dense(uid="d", units=7)))
    save_network(tmp_path / "net.json", network)
    save_project(tmp_path / "net.cnnviz", Project(network), {})
    assert command("summary", tmp_path / "net.json").code == 0
    said = command("summary", tmp_path / "net.cnnviz", "--json")
    assert said.code == 1
    row = json.loads(said.out)["layers"][-1]
    assert row["output_shape"] == [7]
    assert "10 classes" in row["problem"]


def test_summary_as_a_table_is_aligned(command: Command) -> None:
    said = command("summary", "vgg-16")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "VGG-16"
    assert "138,357,544" in lines[-1]
    assert "15,470,264,320" in lines[-1]
    end = lines[1].index("parameters") + len("parameters")
    for line, row in zip(lines[3:-1], analyze(preset("vgg-16")).rows, strict=True):
        assert line[:end].endswith(f" {row.parameter_count:,}")


def test_an_empty_network(command: Command, tmp_path: Path) -> None:
    save_network(tmp_path / "net.json", Network())
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 0
    assert json.loads(said.out) == {"layers": [], "parameters": 0, "buffers": 0, "multiply_adds": 0}
    assert command("summary", tmp_path / "net.json").code == 0


def test_compare_two_networks(command: Command, tmp_path: Path) -> None:
    said = command("compare", "vgg-16", "vgg-19", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    assert (document["left"], document["right"]) == ("VGG-16", "VGG-19")
    assert document["totals"]["parameters"]["difference"] == 143_667_240 - 138_357_544
    broken = tmp_path / "broken.json"
    save_network(broken, SMALL.insert(1, Conv2d(kernel=Size(9, 9))))
    said = command("compare", "tiny", broken)
    assert said.code == 1
    assert "only on the right (+)" in said.out.splitlines()[-1]
    said = command("compare", "tiny", "nothing")
    assert said.code == 2


def test_states_of_one_project_are_compared_by_their_layers(
    command: Command, tmp_path: Path
) -> None:
    before = Network(layers=(Conv2d(uid="u1"), Conv2d(uid="u2"), Flatten(uid="u3")))
    for name, network in (("a", before), ("b", before.move(["u1"], 2))):
        save_project(tmp_path / f"{name}.cnnviz", Project(network), {})
    said = command("compare", tmp_path / "a.cnnviz", tmp_path / "b.cnnviz", "--json")
    assert [row["differs"][:1] for row in json.loads(said.out)["rows"]].count(["place"]) == 1
