"""Drawings for slides: well-formed, complete, within their edges, and with escaped names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.export.diagram import ASPECT, FAMILIES, diagram
from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, Layer, Size
from cnnviz.message import Message
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import PRESETS, preset
from tests.export.blocks import BLOCKS, RELU, RESIDUAL, conv
from tests.support.networks import networks

SVG = "{http://www.w3.org/2000/svg}"


def network_of(*layers: Layer, name: str = "") -> Network:
    return named_by_place(Network(name=name, input=Input(12, 12, 8)).with_layers(layers))


def texts(network: Network) -> list[str]:
    tree = ET.fromstring(diagram(analyze(network)).encode())
    return [node.text or "" for node in tree.iter(f"{SVG}text")]


def placed(node: ET.Element, x: float = 0, y: float = 0) -> list[tuple[float, float, str]]:
    """Where each text stands in the whole drawing."""
    move = re.fullmatch(r"translate\((\S+) (\S+)\)", node.get("transform", ""))
    if move is not None:
        x, y = x + float(move[1]), y + float(move[2])
    found = []
    if node.tag == f"{SVG}text":
        found.append((x + float(node.get("x", 0)), y + float(node.get("y", 0)), node.text or ""))
    return found + [place for child in node for place in placed(child, x, y)]


def test_every_layer_has_a_card_with_its_shape_and_its_parameters() -> None:
    said = texts(preset("lenet-5"))
    for text in ("LeNet-5", "60,850 parameters · 326,520 multiply-adds"):
        assert text in said
    assert said.count("Scaled tanh") == 6
    for text in ("Conv", "5×5 · 16", "10×10×16", "1,516 params", "Flatten", "120", "Input"):
        assert text in said


def test_branches_are_lanes_in_a_frame_before_their_merge() -> None:
    source = diagram(analyze(BLOCKS))
    said = texts(BLOCKS)
    assert "Inception · 4 branches" in said
    assert said.count("Concat") == 2
    assert "identity" in said
    assert source.count("stroke-dasharray") == sum("branches" in text for text in said)


def test_blocks_that_follow_each_other_unchanged_are_drawn_once() -> None:
    three = network_of(conv(8), RESIDUAL, RELU, RESIDUAL, RELU, RESIDUAL, RELU, conv(4))
    said = texts(three)
    assert said.count("Residual · 2 branches") == 1
    assert "3 ×" in said
    other = network_of(conv(8), RESIDUAL, RELU, RESIDUAL, BatchNorm(), RESIDUAL, RELU)
    assert texts(other).count("Residual · 2 branches") == 3
    assert not any("×" in text for text in texts(other) if text.endswith(" ×"))
    nested = network_of(Branches(merge="add", branches=((RESIDUAL, RESIDUAL), ())))
    assert "2 ×" in texts(nested)
    chain = network_of(conv(8), RELU, conv(8), RELU, conv(8), RELU)
    assert texts(chain).count("Conv") == 3, "without a block every layer is shown"


def test_what_is_folded_begins_with_its_block() -> None:
    """The layer before the first block is like the one before the second, but stays outside."""
    network = network_of(conv(8, 3), RELU, RESIDUAL, RELU, RESIDUAL, RELU, Flatten())
    order = [text for text in texts(network) if text in ("ReLU", "2 ×", "Flatten")]
    assert order.index("2 ×") == 1


@pytest.mark.parametrize("name", list(PRESETS))
def test_known_networks_stay_within_the_edges(name: str) -> None:
    tree = ET.fromstring(diagram(analyze(preset(name))).encode())
    width, height = float(tree.get("width", 0)), float(tree.get("height", 0))
    for x, y, text in placed(tree):
        assert 0 < x < width - 5 * len(text), text
        assert 0 < y < height, text


def test_long_networks_have_nearly_the_form_of_a_slide() -> None:
    for name in ("vgg-16", "vgg-19-bn", "mobilenet-v1", "lenet-5"):
        tree = ET.fromstring(diagram(analyze(preset(name))).encode())
        aspect = float(tree.get("width", 0)) / float(tree.get("height", 0))
        assert 0.6 * ASPECT < aspect < 1.6 * ASPECT, name


def test_trouble_is_shown_where_it_is() -> None:
    said = texts(network_of(conv(8), Conv2d(kernel=Size(20, 20)), Activation()))
    assert "does not fit" in said
    assert "waiting" in said


def test_an_empty_network_is_its_input() -> None:
    assert "12×12×8" in texts(network_of())


@given(st.text())
def test_foreign_names_are_only_text(name: str) -> None:
    block = Branches(merge="add", label=name[:60], branches=((), ()))
    plain = ET.fromstring(diagram(analyze(network_of(block, name="plain"))).encode())
    tree = ET.fromstring(diagram(analyze(network_of(block, name=name))).encode())
    tags = [node.tag for node in tree.iter()]
    assert tags.count(f"{SVG}rect") == [node.tag for node in plain.iter()].count(f"{SVG}rect")
    assert set(tags) <= {f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "text", "g")}


@given(networks())
def test_any_network_is_well_formed(network: Network) -> None:
    ET.fromstring(diagram(analyze(network)).encode())


def test_a_translation_reaches_every_text() -> None:
    network = network_of(RESIDUAL, Flatten(), Dense(units=10))
    source = diagram(analyze(network), lambda message: f"«{message.template}»")
    words = [node.text or "" for node in ET.fromstring(source.encode()).iter(f"{SVG}text")]
    plain = re.compile(r"[\d×·/, ]*")
    assert all(word.startswith("«") or plain.fullmatch(word) for word in words), words


def test_what_is_said_is_said_with_its_values() -> None:
    said: list[Message] = []

    def note(message: Message) -> str:
        said.append(message)
        return str(message)

    diagram(analyze(BLOCKS), note)
    assert {message.template for message in said} >= {"{n:,} params", "identity"}


def test_families_of_all_kinds_have_a_colour() -> None:
    from cnnviz.layers import KINDS

    assert {kind.family for kind in KINDS} <= set(FAMILIES)
