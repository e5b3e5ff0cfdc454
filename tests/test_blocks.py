"""Ready-made blocks: they work wherever they are put, and PyTorch agrees with them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.analysis import Report, analyze
from cnnviz.blocks import BLOCKS
from cnnviz.engine.build import build
from cnnviz.layers import Branches, Conv2d, Dense, Flatten, Layer, Maps, Vector
from cnnviz.network import Input, Network, named_by_place
from cnnviz.patterns import Layers, convolution, inverted_residual, residual
from tests.support.networks import maps

NAMES = sorted(BLOCKS)
KEEPS = ("residual", "bottleneck", "inverted_residual", "squeeze_excitation", "depthwise")
"""Those that give back the shape that they receive, of 8 maps and more."""


def worked_out(x: Maps, layers: Layers, *more: Layer) -> Report:
    network = Network(input=Input(*x.sizes)).with_layers((*layers, *more))
    return analyze(named_by_place(network))


def made(name: str, x: Maps) -> Report:
    return worked_out(x, BLOCKS[name].make(x))


@pytest.mark.parametrize("name", NAMES)
@given(x=maps(largest=40, channels=600))
def test_a_block_works_on_whatever_maps_arrive(name: str, x: Maps) -> None:
    report = made(name, x)
    assert not report.problems
    assert isinstance(report.output, Maps)
    if name in KEEPS and x.channels >= 8:
        assert report.output == x


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(x=maps(largest=9, channels=40))
def test_pytorch_has_the_same_shape_and_counts(name: str, x: Maps) -> None:
    report = made(name, x)
    model = build(report, {}, 1).train()
    image = torch.rand(2, x.channels, x.height, x.width)
    y = model.look(image, lambda uid, values: None)
    assert y is not None
    assert isinstance(report.output, Maps)
    height, width, channels = report.output.sizes
    assert y.shape == (2, channels, height, width)
    assert sum(p.numel() for p in model.parameters()) == report.parameters
    kept = [b for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")]
    assert sum(b.numel() for b in kept) == report.buffers


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_known_or_a_vector_gets_the_usual_sizes(name: str) -> None:
    block = BLOCKS[name]
    assert block.make(None)
    report = worked_out(Maps(8, 8, 16), block.make(None))
    assert not report.problems or name == "depthwise"
    flat = worked_out(Maps(4, 4, 2), (Flatten(),), *block.make(Vector(32)))
    assert flat.problems
    assert all("needs feature maps" in str(t.problem.headline) for t in flat.problems)


@pytest.mark.parametrize("name", NAMES)
def test_a_block_has_a_name_and_a_sentence_of_its_own(name: str) -> None:
    others = [block for key, block in BLOCKS.items() if key != name]
    assert BLOCKS[name].title not in [block.title for block in others]
    assert BLOCKS[name].help not in [block.help for block in others]


@given(x=maps(largest=20, channels=600))
def test_each_filter_of_a_connection_table_sees_three_maps_of_its_own(x: Maps) -> None:
    (layer,) = BLOCKS["connected"].make(x)
    assert isinstance(layer, Conv2d)
    assert {len(row) for row in layer.connections} == {min(3, x.channels)}
    assert len(set(layer.connections)) == (min(x.channels, 16) if x.channels > 3 else 1)


@given(x=maps(largest=20, channels=600))
def test_inception_with_reductions_is_the_cheaper_one(x: Maps) -> None:
    naive, reduced = made("naive_inception", x), made("inception", x)
    assert isinstance(naive.output, Maps)
    assert isinstance(reduced.output, Maps)
    assert naive.output.channels > x.channels
    assert reduced.output.channels == max(x.channels, 32) // 8 * 8
    if x.channels >= 64:
        assert reduced.multiply_adds < naive.multiply_adds


def test_blocks_have_the_sizes_of_their_papers() -> None:
    """GoogLeNet's inception (3a) on 192 maps; an eighth of the multiply-adds is left of a full
    convolution; 12 new maps a dense layer; half of them stay after a transition."""
    inception = made("inception", Maps(28, 28, 192))
    assert inception.output == Maps(28, 28, 192)
    separable = made("separable", Maps(14, 14, 512)).multiply_adds
    full = worked_out(Maps(14, 14, 512), (convolution(512, 3),)).multiply_adds
    assert separable / full == pytest.approx(1 / 512 + 1 / 9)
    assert made("dense_block", Maps(8, 8, 24)).output == Maps(8, 8, 60)
    assert made("transition", Maps(8, 8, 60)).output == Maps(4, 4, 30)
    assert made("projected_residual", Maps(9, 8, 64)).output == Maps(5, 4, 128)


def test_a_shortcut_is_the_identity_where_it_fits() -> None:
    def shortcut(layers: Layers) -> Layers:
        block = layers[0]
        assert isinstance(block, Branches)
        return block.branches[1]

    assert shortcut(residual(16, 16)) == ()
    for layers in (residual(16, 32), residual(16, 16, 2)):
        projection = shortcut(layers)[0]
        assert isinstance(projection, Conv2d)
        assert projection.kernel.pair == (1, 1)
    assert shortcut(BLOCKS["residual"].make(Maps(28, 28, 1)))[0].kind == "conv2d"
    assert not any(isinstance(layer, Branches) for layer in inverted_residual(16, 24))


@given(
    size=st.integers(1, 30),
    kernel=st.sampled_from([1, 3, 5, 7]),
    stride=st.integers(1, 4),
)
def test_explicit_padding_gives_the_size_of_same(size: int, kernel: int, stride: int) -> None:
    x = Maps(size, size, 3)
    one, other = (convolution(4, kernel, stride, same=same) for same in (True, False))
    assert one.output_shape(x) == other.output_shape(x)


@given(x=maps(largest=20, channels=300))
def test_no_way_through_a_block_is_a_single_map(x: Maps) -> None:
    """A ReLU there would soon give nothing but zeros."""
    for name in ("inception", "naive_inception", "bottleneck", "squeeze_excitation"):
        for row in made(name, x).rows:
            if isinstance(row.layer, Conv2d):
                assert row.layer.filters >= min(4, x.channels)


@pytest.mark.parametrize("name", NAMES)
def test_a_block_behind_a_flatten_can_be_moved_before_it(name: str) -> None:
    """Each problem says how, block by block, until all is well."""
    layers = BLOCKS[name].make(Vector(100))
    report = worked_out(Maps(8, 8, 16), (Flatten(), *layers), Dense(units=10))
    assert report.problems
    if len([layer for layer in layers if isinstance(layer, Branches)]) == 1:
        title = report.network.layers[1].name
        assert {str(trouble.fixes[0].label) for trouble in report.problems} == {
            f"Move {title} before Flatten"
        }
    for _ in layers:
        if report.problems:
            report = analyze(report.fixes[0].network)
    assert not report.problems
