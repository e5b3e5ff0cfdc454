"""Two networks side by side: which layers go together, and in what they differ."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.compare import Comparison, changed_settings, compare
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    MaxPool,
    Size,
)
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import preset
from tests.support.networks import networks

BEFORE = Network(
    layers=(
        Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)


def after(network: Network) -> Comparison:
    return compare(analyze(BEFORE), analyze(network), same_origin=True)


def verdicts(comparison: Comparison) -> list[str]:
    return [pair.verdict for pair in comparison.pairs]


def total(comparison: Comparison, name: str) -> tuple[int | None, int | None]:
    found = next(total for total in comparison.totals if total.name == name)
    return found.left, found.right


def test_a_network_is_equal_to_itself() -> None:
    comparison = after(BEFORE)
    assert verdicts(comparison) == ["equal"] * 5
    assert all(total.difference == 0 for total in comparison.totals)


def test_a_changed_kernel_changes_what_follows_from_it() -> None:
    comparison = after(BEFORE.replace("conv", Conv2d(uid="conv", filters=8, kernel=Size(3, 3))))
    first, *_, last = comparison.pairs
    assert first.differs == (
        "settings", "output", "parameters", "multiply_adds", "receptive_field",
    )  # fmt: skip
    # 12·12·8 values become 13·13·8; what a unit sees stays: everything.
    assert last.differs == ("parameters", "multiply_adds")
    assert total(comparison, "parameters") == (208 + 11_530, 80 + 13_530)


def test_what_comes_and_goes_stands_in_its_place() -> None:
    comparison = after(BEFORE.remove(["relu"]).insert(2, BatchNorm(uid="norm")))
    kinds = [
        (pair.verdict, (pair.left or pair.right).layer.uid)  # type: ignore[union-attr]
        for pair in comparison.pairs
    ]
    assert kinds == [
        ("equal", "conv"),
        ("left", "relu"),
        ("equal", "pool"),
        ("right", "norm"),
        ("equal", "flat"),
        ("equal", "out"),
    ]
    assert total(comparison, "buffers") == (0, 16)


def test_a_layer_that_moves_is_one_layer() -> None:
    comparison = after(BEFORE.move(["relu"], 4))
    moved = next(pair for pair in comparison.pairs if pair.right and pair.right.layer.uid == "relu")
    assert moved.left is not None
    assert "place" in moved.differs
    assert sum("place" in pair.differs for pair in comparison.pairs) == 1
    assert len(comparison.pairs) == 5


def test_a_deeper_network_has_more_of_the_same() -> None:
    shallow, deep = analyze(preset("vgg-16")), analyze(preset("vgg-19"))
    comparison = compare(shallow, deep)
    assert comparison.count("left") == 0
    added = [pair.right for pair in comparison.pairs if pair.left is None]
    assert [row.layer.kind for row in added if row] == ["conv2d", "activation"] * 3
    normed = compare(shallow, analyze(preset("vgg-16-bn")))
    assert normed.count("left") == 0
    assert {pair.right.layer.kind for pair in normed.pairs if pair.left is None and pair.right} == {
        "batch_norm"
    }
    assert total(comparison, "sees") == (212, 268)


def test_a_broken_network_is_counted_to_its_problem() -> None:
    broken = BEFORE.replace("conv", Conv2d(uid="conv", kernel=Size(40, 40)))
    comparison = after(broken)
    assert "problem" in comparison.pairs[0].differs
    parameters = next(t for t in comparison.totals if t.name == "parameters")
    assert parameters.partial == (False, True)
    assert parameters.right == 0
    assert parameters.ratio == 0
    sees = next(t for t in comparison.totals if t.name == "sees")
    assert (sees.right, sees.difference, sees.ratio) == (None, None, None)


def test_fields_that_are_not_square_are_two_totals() -> None:
    comparison = after(BEFORE.replace("conv", Conv2d(uid="conv", filters=8, kernel=Size(3, 7))))
    assert total(comparison, "sees_height") == (6, 4)
    assert total(comparison, "sees_width") == (6, 8)


@given(networks(), networks(), st.booleans())
def test_every_layer_stands_there_once(one: Network, other: Network, related: bool) -> None:
    left, right = analyze(one), analyze(other)
    comparison = compare(left, right, same_origin=related)
    rows = [pair.right for pair in comparison.pairs if pair.right is not None]
    assert rows == list(right.rows)
    met = [pair.left.layer.uid for pair in comparison.pairs if pair.left is not None]
    assert sorted(met) == sorted(row.layer.uid for row in left.rows)
    for pair in comparison.pairs:
        if pair.verdict == "equal":
            assert pair.left is not None
            assert pair.right is not None
            assert pair.left.output == pair.right.output
            assert pair.left.tensors == pair.right.tensors or pair.left.layer == pair.right.layer


def test_only_the_settings_count() -> None:
    assert changed_settings(Conv2d(uid="a"), Conv2d(uid="b", stride=Size(2, 2))) == ("stride",)
    same = compare(analyze(Network(layers=(Conv2d(uid="a"),))), analyze(
        Network(layers=(Conv2d(uid="b"),), input=Input(28, 28, 1))
    ))  # fmt: skip
    assert verdicts(same) == ["equal"]


@pytest.mark.parametrize("related", [False, True])
def test_it_takes_a_moment(related: bool) -> None:
    left, right = analyze(preset("vgg-19-bn")), analyze(preset("mobilenet-v1"))
    started = time.process_time()
    for _ in range(10):
        compare(left, right, same_origin=related)
    assert (time.process_time() - started) / 10 < 0.01


# --- blocks ----------------------------------------------------------------------------------


def block(filters: int, *, norm: bool = True) -> Branches:
    """A residual block."""
    inner: list[Any] = [Conv2d(filters=filters, padding="same"), Activation()]
    return Branches(branches=((*([BatchNorm()] if norm else []), *inner), ()))


def blocks(*made: Branches) -> Network:
    return named_by_place(Network(layers=(Conv2d(filters=8), *made, Flatten(), Dense(units=10))))


def test_what_is_in_blocks_goes_together_where_the_blocks_do() -> None:
    left = analyze(blocks(block(8), block(8)))
    right = analyze(blocks(block(8), block(8, norm=False)))
    comparison = compare(left, right)
    assert comparison.count("left") == 1
    assert comparison.count("right") == 0
    gone = next(pair.left for pair in comparison.pairs if pair.right is None)
    assert gone is not None
    assert gone.path == "2/0/0"


def test_a_block_that_goes_takes_what_is_in_it_along() -> None:
    comparison = compare(analyze(blocks(block(8), block(8))), analyze(blocks(block(8))))
    gone = [pair.left.layer.kind for pair in comparison.pairs if pair.right is None and pair.left]
    assert gone == ["branches", "batch_norm", "conv2d", "activation"]


def test_blocks_that_merge_differently_are_not_the_same() -> None:
    dense = Branches(merge="concat", branches=((Conv2d(filters=8, padding="same"),), ()))
    comparison = compare(analyze(blocks(block(8))), analyze(blocks(dense)))
    verdicts_of_blocks = [
        pair.verdict
        for pair in comparison.pairs
        if any(row and row.layer.kind == "branches" for row in (pair.left, pair.right))
    ]
    assert sorted(verdicts_of_blocks) == ["left", "right"]


def dense_net(growth: int, *sizes: int) -> Network:
    """As DenseNet: batch norm, ReLU, 1×1, batch norm, ReLU, 3×3, beside the identity."""
    layers: list[Any] = [Conv2d(filters=2 * growth, stride=Size(2, 2), padding="same")]
    for size in sizes:
        for _ in range(size):
            inner = (
                BatchNorm(), Activation(), Conv2d(filters=4 * growth, kernel=Size(1, 1)),
                BatchNorm(), Activation(), Conv2d(filters=growth, padding="same"),
            )  # fmt: skip
            layers.append(Branches(merge="concat", branches=((), inner)))
        layers += [BatchNorm(), Activation(), Conv2d(filters=8, kernel=Size(1, 1)), MaxPool()]
    return named_by_place(
        Network(input=Input(224, 224, 3), layers=(*layers, Flatten(), Dense(units=10)))
    )


@pytest.mark.parametrize("related", [False, True])
def test_a_network_as_large_as_densenet_takes_a_moment(related: bool) -> None:
    left, right = analyze(dense_net(32, 6, 12, 24, 16)), analyze(dense_net(32, 6, 12, 32, 32))
    assert compare(left, right).count("left") == 0
    started = time.process_time()
    for _ in range(10):
        compare(left, right, same_origin=related)
    assert (time.process_time() - started) / 10 < 0.03
