"""Branches: addresses, edits at every depth, what follows from them, and PyTorch as the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.engine.build import Model, build
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.explain import Seen, explain, seen_by
from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    MaxPool,
    Size,
    Vector,
)
from cnnviz.network import INPUT_UID, Input, Network, Place, named_by_place
from cnnviz.network_file import decode_network, encode_network
from tests.support.networks import networks

if TYPE_CHECKING:
    from cnnviz.analysis import Report

SAME = Conv2d(filters=8, padding="same")


def block(*branches: tuple[Layer, ...], merge: str = "add", uid: str = "") -> Branches:
    return Branches(branches=branches, merge=merge, uid=uid)  # type: ignore[arg-type]


def network(*layers: Layer, image: Input | None = None) -> Network:
    """With uids that are the paths."""
    return named_by_place(Network(input=image or Input(28, 28, 8)).with_layers(layers))


INCEPTION = network(
    Conv2d(filters=8, padding="same"),
    block(
        (Conv2d(filters=16, kernel=Size(1, 1)),),
        (Conv2d(filters=8, kernel=Size(1, 1)), Conv2d(filters=16, padding="same")),
        (
            Conv2d(filters=4, kernel=Size(1, 1)),
            Conv2d(filters=8, kernel=Size(5, 5), padding="same"),
        ),
        (
            MaxPool(kernel=Size(3, 3), stride=Size(1, 1), padding="same"),
            Conv2d(filters=8, kernel=Size(1, 1)),
        ),
        merge="concat",
    ),
    MaxPool(),
    image=Input(28, 28, 1),
)
"""The block of the design's picture."""


# --- addresses and edits ----------------------------------------------------------------------


def test_paths_count_from_zero_and_a_block_comes_before_what_is_in_it() -> None:
    assert [path for path, _ in INCEPTION.walk()] == [
        *("0", "1", "1/0/0", "1/1/0", "1/1/1", "1/2/0", "1/2/1", "1/3/0", "1/3/1", "2"),
    ]
    assert INCEPTION.place("1/2/1") == Place(1, "1", 2)
    assert INCEPTION.layer("1/3/0").kind == "max_pool"
    assert [layer.uid for layer in INCEPTION.chain("1", 1)] == ["1/1/0", "1/1/1"]
    assert INCEPTION.inside("1") == {path for path, _ in INCEPTION.walk() if "/" in path}
    assert INCEPTION.inside("0") == set()
    assert INCEPTION.has("1/3/1")
    assert not INCEPTION.has("1/4/0")
    for ask in (INCEPTION.place, INCEPTION.layer, INCEPTION.inside, INCEPTION.chain):
        with pytest.raises(KeyError):
            ask("nobody")
    with pytest.raises(KeyError):
        INCEPTION.chain("0")


def paths(found: Network) -> dict[str, str]:
    return {layer.uid: path for path, layer in found.walk()}


def test_edits_reach_every_depth() -> None:
    new = Dropout(uid="new")
    assert paths(INCEPTION.insert(Place(1, "1", 1), new))["new"] == "1/1/1"
    assert paths(INCEPTION.insert(Place(0, "1", 3), new))["1/3/0"] == "1/3/1"
    assert paths(INCEPTION.replace("1/2/0", new, Flatten(uid="x")))["1/2/1"] == "1/2/2"
    assert "1/2/0" not in paths(INCEPTION.remove(["1/2/0"]))
    assert list(paths(INCEPTION.remove(["1"]))) == ["0", "2"]
    moved = INCEPTION.move(["1/0/0"], Place(2, "1", 1))
    assert paths(moved)["1/0/0"] == "1/1/2"
    assert moved.chain("1", 0) == ()
    out = INCEPTION.move(["1/3/1", "1/0/0"], 3)
    assert [layer.uid for layer in out.layers] == ["0", "1", "2", "1/0/0", "1/3/1"]
    into = INCEPTION.move(["0", "2"], Place(1, "1", 0))
    assert [layer.uid for layer in into.chain("1", 0)] == ["1/0/0", "0", "2"]
    for place in (Place(0, "1", 4), Place(0, "1", -1)):
        with pytest.raises(IndexError):
            INCEPTION.insert(place, new)
    with pytest.raises(KeyError):
        INCEPTION.insert(Place(0, "0"), new)


def test_a_block_does_not_go_into_itself_and_takes_what_is_in_it_along() -> None:
    nested = network(block((block((SAME,), ()),), ()), SAME)
    assert nested.move(["0"], Place(0, "0", 1)) == nested
    assert nested.move(["0"], Place(0, "0/0/0", 0)) == nested
    moved = nested.move(["0", "0/0/0/0/0"], 2)
    assert paths(moved) == {
        "1": "0",
        "0": "1",
        "0/0/0": "1/0/0",
        "0/0/0/0/0": "1/0/0/0/0",
    }


@given(found=networks(), data=st.data())
def test_moving_loses_and_doubles_nothing(found: Network, data: st.DataObject) -> None:
    found = found.insert(0, Dropout(uid="first"))
    uids = [layer.uid for _, layer in found.walk()]
    moving = data.draw(st.sets(st.sampled_from(uids), min_size=1))
    blocks = {layer.uid: layer for _, layer in found.walk() if isinstance(layer, Branches)}
    target = data.draw(st.sampled_from(["", *blocks]))
    branch = data.draw(st.integers(0, len(blocks[target].branches) - 1)) if target else 0
    place = Place(data.draw(st.integers(0, len(found.chain(target, branch)))), target, branch)
    moved = found.move(moving, place)
    assert sorted(layer.uid for _, layer in moved.walk()) == sorted(uids)
    assert decode_network(encode_network(moved)) == moved


# --- what follows -----------------------------------------------------------------------------


def outputs(report: Report) -> dict[str, str]:
    return {row.path: str(row.output) for row in report.rows}


def test_the_block_of_the_picture() -> None:
    report = analyze(INCEPTION)
    assert outputs(report)["1"] == "28×28×48"
    assert outputs(report)["2"] == "14×14×48"
    counts = {row.path: row.parameter_count for row in report.rows}
    assert counts == {
        "0": 80,
        "1": 0,
        "1/0/0": 144,
        "1/1/0": 72,
        "1/1/1": 1168,
        "1/2/0": 36,
        "1/2/1": 808,
        "1/3/0": 0,
        "1/3/1": 72,
        "2": 0,
    }
    assert report.row("1/2/0").source == "0"
    assert report.row("1/2/1").source == "1/2/0"
    assert report.row("2").source == "1"
    field = report.row("1").receptive_field
    assert field is not None
    assert (field.height, field.width, field.top) == (7, 7, -3)
    assert report.depth == 3
    titles = [str(formula.title) for formula in explain(report, "1")]
    assert titles == [
        "Output channels",
        "Parameters in its branches",
        "Multiply-adds in its branches",
        "Receptive field",
        "Memory",
    ]


def test_a_value_sees_what_it_sees_through_any_branch() -> None:
    report = analyze(INCEPTION)
    assert seen_by(report, "1/0/0", 10, 10) == Seen(9, 11, 9, 11)
    assert seen_by(report, "1", 10, 12) == Seen(7, 13, 9, 15)
    scaled = analyze(network(block((GlobalAvgPool(),), (), merge="multiply")))
    assert seen_by(scaled, "0", 3, 4) == Seen(0, 27, 0, 27)


def test_one_broken_branch_leaves_the_others_live() -> None:
    wide = Conv2d(filters=8, kernel=Size(40, 40))
    report = analyze(network(SAME, block((SAME, wide, SAME), (SAME,), (wide,)), SAME))
    live = {row.path for row in report.rows if row.output is not None}
    assert live == {"0", "1/0/0", "1/1/0"}
    assert [trouble.uid for trouble in report.problems] == ["1/0/1", "1/2/0"]
    assert report.problem_uid == "1/0/1"
    assert all(trouble.fixes for trouble in report.problems)
    assert [row.path for row in report.rows if row.waiting] == ["1", "1/0/2", "2"]
    mended = report.problems[1].fixes[0].network
    assert [trouble.uid for trouble in analyze(mended).problems] == ["1/0/1"]
    model = build(report, {}, 0)
    image = bytes(28 * 28)
    seen = look(model, Probe(1, image, 28, 28, 1), revision=0, step=0, device="cpu")
    assert {layer.uid for layer in seen.layers} == {INPUT_UID, *live}
    assert seen.probabilities == []


@pytest.mark.parametrize(
    ("found", "headline", "ways"),
    [
        (
            block((Conv2d(filters=16, padding="same"),), ()),
            "Branch 1 gives 28×28×16 and branch 2 gives 28×28×8: the numbers of maps differ.",
            ["1×1 convolution → 28×28×16", "Concat instead → 28×28×24", "Delete this block"],
        ),
        (
            block((Conv2d(filters=8),), ()),
            "Branch 1 gives 26×26×8 and branch 2 gives 28×28×8: height and width differ.",
            ["Padding same in all branches → 28×28×8", "Delete this block"],
        ),
        (
            block((Conv2d(filters=16, stride=Size(2, 2), padding="same"),), ()),
            "Branch 1 gives 14×14×16 and branch 2 gives 28×28×8: height and width differ.",
            ["1×1 convolution → 14×14×16", "Delete this block"],
        ),
        (
            block((MaxPool(),), (Conv2d(filters=4),), merge="concat"),
            "Branch 1 gives 14×14×8 and branch 2 gives 26×26×4: height and width differ.",
            ["1×1 convolution → 14×14×12", "Delete this block"],
        ),
        (
            block((GlobalAvgPool(), Conv2d(filters=3, kernel=Size(1, 1))), (), merge="multiply"),
            "Branch 1 gives 1×1×3 and branch 2 gives 28×28×8: height and width differ.",
            ["1×1 convolution → 28×28×8", "Delete this block"],
        ),
        (
            block((GlobalAvgPool(), Flatten()), (), merge="concat"),
            ("Branch 1 gives 8 and branch 2 gives 28×28×8: maps and a vector do not go together."),
            ["Flatten all branches → 6,280", "Delete this block"],
        ),
        (
            block((Flatten(), Dense(units=3)), (Flatten(), Dense(units=4))),
            "Branch 1 gives 3 numbers and branch 2 gives 4: the lengths differ.",
            ["Concat instead → 7", "Delete this block"],
        ),
    ],
)
def test_branches_that_do_not_match(found: Branches, headline: str, ways: list[str]) -> None:
    report = analyze(network(found, Activation()))
    assert report.problem_uid == "0"
    assert report.problem is not None
    assert str(report.problem.headline) == headline
    assert [str(fix.label) for fix in report.fixes] == ways
    for fix in report.fixes:
        assert analyze(fix.network.named(iter("abcdef").__next__)).problem is None


def test_merges_of_vectors_and_scaling() -> None:
    parts = ((Flatten(), Dense(units=3)), (Flatten(), Dense(units=4)))
    assert analyze(network(block(*parts, merge="concat"))).output == Vector(7)
    assert analyze(network(block((GlobalAvgPool(),), (), merge="multiply"))).output == Maps(
        28, 28, 8
    )
    assert analyze(network(block(()))).output == Maps(28, 28, 8)


# --- PyTorch is the judge ---------------------------------------------------------------------


def by_hand(layer: Layer, model: Model, report: Report, x: torch.Tensor) -> torch.Tensor:
    """The output of a layer, with the merges written out once more."""
    if not isinstance(layer, Branches):
        place = [row.layer.uid for row in model.layers].index(layer.uid)
        return model.blocks[place](x)
    ends = []
    for branch in layer.branches:
        y = x
        for inner in branch:
            y = by_hand(inner, model, report, y)
        ends.append(y)
    y = ends[0]
    for end in ends[1:]:
        if layer.merge == "add":
            y = y + end
        elif layer.merge == "multiply":
            y = y * end
        else:
            y = torch.cat((y, end), dim=1)
    return y


@settings(max_examples=150)
@given(found=networks(count=4))
def test_what_the_engine_runs_has_the_shapes_that_were_worked_out(found: Network) -> None:
    report = analyze(found)
    model = build(report, {}, 3)
    assert report.parameters == sum(p.numel() for p in model.parameters())
    image = found.input
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(1, image.channels, image.height, image.width, generator=generator)
    seen: dict[str, torch.Tensor] = {}
    with torch.inference_mode():
        y = model.look(x, lambda uid, values: seen.update({uid: values}))
        assert seen.keys() == {row.layer.uid for row in report.rows if row.output is not None}
        for row in model.rows:
            assert row.output is not None
            shape = tuple(seen[row.layer.uid].shape[1:])
            assert shape == (
                (row.output.channels, row.output.height, row.output.width)
                if isinstance(row.output, Maps)
                else (row.output.length,)
            )
        if report.problem is None:
            expected = x
            for layer in found.layers:
                expected = by_hand(layer, model, report, expected)
            assert y is not None
            np.testing.assert_allclose(y.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)


def test_a_residual_block_learns_in_both_branches() -> None:
    inner = (Conv2d(filters=8, padding="same"), BatchNorm(), Activation())
    report = analyze(network(block(inner, ()), GlobalAvgPool(), Flatten(), Dense(units=10)), 10)
    assert report.problem is None
    model = build(report, {}, 0).train()
    x = torch.rand(4, 8, 28, 28)
    model(x).square().sum().backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert len(gradients) == 6
    assert sum(bool(g.abs().sum() > 0) for g in gradients) >= 5  # batch norm takes the bias away


def test_weights_stay_with_their_layer_wherever_it_goes() -> None:
    """Into a branch, out of it, and with its block: a tensor belongs to its layer."""
    start = network(SAME, block((SAME, AvgPool(kernel=Size(1, 1))), ()))
    keys = set(analyze(start).tensor_keys())
    inside = start.move(["0"], Place(1, "1", 1))
    assert set(analyze(inside).tensor_keys()) == keys
    before = dict(build(analyze(start), {}, 5).tensors())
    after = dict(build(analyze(inside), {}, 5).tensors())
    assert all(torch.equal(before[key], after[key]) for key in keys)
    renamed = msgspec.structs.replace(start, name="another name")
    assert set(analyze(renamed).tensor_keys()) == keys
