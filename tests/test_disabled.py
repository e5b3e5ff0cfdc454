"""A network with disabled layers is the network without them, and its own layers stay."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.analysis import Report, Row, analyze
from cnnviz.arithmetic.sources import sources_of
from cnnviz.compare import compare
from cnnviz.explain import explain, maps_behind, seen_by
from cnnviz.explain.preview import preview
from cnnviz.explain.sharing import costs, sharing
from cnnviz.export.comparison import comparison_table
from cnnviz.export.diagram import diagram
from cnnviz.export.sheet import markdown, sheet
from cnnviz.export.table import summary_json, summary_table
from cnnviz.files import PROJECT_PART, WEIGHTS_PART, open_project, save_project
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Maps,
    MaxPool,
    Repair,
    Size,
    Vector,
)
from cnnviz.memory import training_memory
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network
from cnnviz.network_file import decode_network, encode_network
from cnnviz.project import Project
from cnnviz.training import Training
from cnnviz.transfer import freezable, head, with_new_head
from tests.support.networks import networks, partly_disabled, working_networks

BLOCK = Branches(
    uid="block",
    branches=((Conv2d(uid="inner", filters=4, padding="same"), BatchNorm(uid="norm")), ()),
)
CHAIN = Network(
    layers=(
        Conv2d(uid="conv", filters=4, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        BLOCK,
        Flatten(uid="flat"),
        Dense(uid="hidden", units=32),
        Dense(uid="out", units=10),
    )
)


def without(*uids: str, network: Network = CHAIN) -> Report:
    """With these disabled."""
    return analyze(network.with_enabled(uids, enabled=False), 10)


def bare(row: Row) -> Row:
    """A row without what says where it stands, and what is in a block."""
    layer = row.layer
    if isinstance(layer, Branches):
        layer = msgspec.structs.replace(layer, branches=((),))
    problem = row.problem
    if problem is not None:
        repairs = tuple(Repair(repair.label, ()) for repair in problem.repairs)
        problem = msgspec.structs.replace(problem, repairs=repairs)
    return msgspec.structs.replace(row, layer=layer, path="", problem=problem)


NETWORKS = networks(count=6) | working_networks()


@settings(max_examples=300)
@given(both=partly_disabled(NETWORKS), classes=st.none() | st.integers(1, 12))
def test_everything_is_as_if_they_were_gone(
    both: tuple[Network, Network], classes: int | None
) -> None:
    found, wanted = (analyze(network, classes) for network in both)
    rows = [row for row in found.rows if not row.off]
    assert [bare(row) for row in rows] == [bare(row) for row in wanted.rows]
    for name in (
        "parameters", "buffers", "multiply_adds", "activation_bytes", "depth", "output",
        "receptive_field", "trainable",
    ):  # fmt: skip
        assert getattr(found, name) == getattr(wanted, name), name
    assert found.tensor_keys() == wanted.tensor_keys()
    assert training_memory(found, Training()) == training_memory(wanted, Training())
    assert [(t.uid, t.problem.headline) for t in found.problems] == [
        (t.uid, t.problem.headline) for t in wanted.problems
    ]
    for row in wanted.rows:
        uid = row.layer.uid
        assert seen_by(found, uid) == seen_by(wanted, uid)
        assert maps_behind(found, uid) == maps_behind(wanted, uid)
        assert sources_of(found, uid) == sources_of(wanted, uid)
        assert explain(found, uid) == explain(wanted, uid)
        assert sharing(found, uid) == sharing(wanted, uid)


@given(both=partly_disabled(NETWORKS, least=1))
def test_what_is_off_passes_its_input_through(both: tuple[Network, Network]) -> None:
    report = analyze(both[0])
    assert [row.layer.uid for row in report.rows] == [layer.uid for _, layer in both[0].walk()]
    for row in report.rows:
        if not row.off:
            continue
        uid = row.layer.uid
        assert row.output == row.input
        assert not row.tensors
        assert row.problem is None
        assert not costs(report, uid)
        if row.output is None:
            assert row.waiting
            continue
        assert (row.parameter_count, row.buffer_count, row.multiply_adds) == (0, 0, 0)
        assert row.receptive_field == report.before(row)
        assert seen_by(report, uid) is not None
        assert len(explain(report, uid)) == 1
        assert [source.uid for source in sources_of(report, uid)] == [row.source]


@given(both=partly_disabled(networks(), least=1))
def test_a_file_keeps_what_is_disabled_and_says_nothing_of_the_rest(
    both: tuple[Network, Network],
) -> None:
    found, wanted = both
    assert decode_network(encode_network(found)) == found
    assert b"enabled" not in encode_network(wanted)
    own = sum(not layer.enabled for _, layer in found.walk())
    assert encode_network(found).count(b'"enabled": false') == own


def test_what_was_made_by_an_older_version_is_enabled() -> None:
    read = decode_network('{"format": "cnnviz-network", "layers": [{"type": "flatten"}]}')
    assert read.layers[0].enabled


def test_disabling_can_be_taken_back() -> None:
    report = without("conv", "block")
    assert report.network != CHAIN
    assert report.network.with_enabled(["conv", "block"], enabled=True) == CHAIN
    assert CHAIN.with_enabled(["conv"], enabled=True) is CHAIN
    assert CHAIN.without_disabled() is CHAIN


# --- problems --------------------------------------------------------------------------------


def fixes(report: Report) -> list[str]:
    return [str(fix.label) for fix in report.fixes]


def test_what_it_makes_impossible_is_said_where_it_arises_with_a_way_back() -> None:
    report = without("flat")
    assert report.problem_uid == "hidden"
    assert fixes(report)[0] == "Enable Flatten"
    assert report.fixes[0].network == CHAIN


def test_the_last_enabled_layer_gives_the_answer() -> None:
    report = without("out")
    assert report.problem_uid == "hidden"
    assert fixes(report)[:2] == ["Enable Dense", "Units 10"]
    assert report.fixes[0].network == CHAIN
    assert analyze(report.fixes[1].network, 10).problem is None


def test_with_nothing_left_the_input_has_the_problem() -> None:
    report = without(*(layer.uid for layer in CHAIN.layers))
    assert report.problem_uid == INPUT_UID
    assert fixes(report)[0] == "Enable all layers"
    assert report.fixes[0].network == CHAIN
    assert analyze(report.fixes[1].network, 10).problem is None


def test_what_does_not_help_is_not_offered() -> None:
    dropout = CHAIN.insert(0, Dropout(uid="drop")).remove(["flat"])
    report = without("drop", network=dropout)
    assert report.problem_uid == "hidden"
    assert not any(label.startswith("Enable") for label in fixes(report))


def test_a_disabled_flatten_is_no_place_to_move_before() -> None:
    layers = (Flatten(uid="a"), Flatten(uid="b", enabled=False), Conv2d(uid="c"))
    report = analyze(Network(layers=layers))
    moved = next(fix for fix in report.fixes if str(fix.label).startswith("Move"))
    assert [layer.uid for layer in moved.network.layers] == ["c", "a", "b"]


def test_a_merge_counts_only_what_is_computed() -> None:
    """Its own repairs do as well."""
    block = Branches(uid="b", branches=((Conv2d(uid="c", filters=4), Conv2d(uid="d", filters=4)),))
    pair = msgspec.structs.replace(block, branches=(*block.branches, (Conv2d(uid="e", filters=4),)))
    network = Network(input=Input(12, 12, 1), layers=(pair,))
    assert analyze(network).problem is not None
    report = analyze(network.with_enabled(["d"], enabled=False))
    assert report.output == Maps(10, 10, 4)
    assert report.network.layers[0].output_shape(Maps(12, 12, 1)) == Maps(10, 10, 4)


# --- what is said ----------------------------------------------------------------------------


def test_it_is_explained() -> None:
    report = without("block")
    assert str(explain(report, "block")[0].title) == "Disabled"
    assert str(explain(report, "inner")[0].title) == "Disabled with its block"
    changed = CHAIN.replace("hidden", Dense(uid="hidden", units=5, enabled=False))
    said = preview(without("hidden"), changed, "hidden", 10, Message("Units 5"))
    assert said.works
    assert "as soon as it is enabled" in str(said.words)


def test_tables_show_the_row_and_say_so() -> None:
    report = without("hidden")
    rows = json.loads(summary_json(report))["layers"]
    hidden = next(row for row in rows if row["path"] == "5")
    assert hidden["disabled"] is True
    assert hidden["parameters"] == hidden["multiply_adds"] == 0
    assert hidden["output_shape"] == [576]
    assert sum("disabled" in row for row in rows) == 1
    for text in (summary_table(report), markdown(report), sheet(report)):
        assert re.search(r"Dense( 32)? \\?\(disabled\\?\)", text)


def test_the_diagram_shows_what_is_computed() -> None:
    assert diagram(without("hidden")) == diagram(analyze(CHAIN.remove(["hidden"]), 10))


def test_a_comparison_says_what_has_been_disabled() -> None:
    comparison = compare(analyze(CHAIN, 10), without("hidden"), same_origin=True)
    pair = next(p for p in comparison.pairs if p.left and p.left.layer.uid == "hidden")
    assert "settings" in pair.differs
    assert "Dense 32 (disabled)" in comparison_table(comparison, ("a", "b"))
    layers = next(total for total in comparison.totals if total.name == "layers")
    assert layers.difference == -1


# --- transfer, weights -----------------------------------------------------------------------


def test_a_new_head_takes_the_place_of_what_gives_the_answer() -> None:
    report = without("out")
    last = head(report.network)
    assert last is not None
    assert last.uid == "hidden"
    assert analyze(with_new_head(report, 7), 7).problem is None
    assert freezable(report, ["out", "conv"]) == ("conv",)


def weights_of(report: Report) -> dict:
    chance = np.random.default_rng(0)
    return {key: chance.normal(size=key[2]).astype(np.float32) for key in report.tensor_keys()}


@pytest.mark.parametrize("uids", [("hidden",), ("conv",), ("block",), ("inner", "out")])
def test_a_project_keeps_what_disabled_layers_have_learned(
    tmp_path: Path, uids: tuple[str, ...]
) -> None:
    weights = weights_of(analyze(CHAIN, 10))
    path = tmp_path / "a.cnnviz"
    save_project(path, Project(without(*uids).network), weights)
    opened = open_project(path)
    assert opened.note is None
    assert opened.project.network == without(*uids).network
    assert opened.weights.keys() == weights.keys()
    assert all(np.array_equal(opened.weights[key], values) for key, values in weights.items())


def test_what_has_been_learned_meanwhile_is_kept_beside_it(tmp_path: Path) -> None:
    """The layer behind a disabled one has two tensors of one name: both are in the file."""
    before, after = analyze(CHAIN, 10), without("hidden")
    weights = {**weights_of(before), **weights_of(after)}
    shapes = {shape for uid, name, shape in weights if (uid, name) == ("out", "weight")}
    assert len(shapes) == 2
    path = tmp_path / "a.cnnviz"
    save_project(path, Project(after.network), weights)
    assert open_project(path).weights.keys() == weights.keys()


def test_a_project_with_nothing_disabled_has_one_part_of_weights(tmp_path: Path) -> None:
    save_project(tmp_path / "a.cnnviz", Project(CHAIN), weights_of(analyze(CHAIN, 10)))
    names = zipfile.ZipFile(tmp_path / "a.cnnviz").namelist()
    assert names == [PROJECT_PART, WEIGHTS_PART]


def test_a_disabled_layer_takes_what_it_receives() -> None:
    row = without("hidden").row("hidden")
    assert isinstance(row.output, Vector)
    assert row.off
    assert row.layer.enabled is False
