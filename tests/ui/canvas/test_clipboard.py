"""Layers as text, and what may be pasted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.layers import Branches, Conv2d, Dense, Flatten
from cnnviz.message import UserError
from cnnviz.network import Input, Network
from cnnviz.network_file import decode_network
from tests.support.networks import networks
from ui.canvas.clipboard import MAX_LENGTH, read, written

BLOCK = Branches(uid="b", merge="concat", branches=((Conv2d(uid="c"),), ()))


@given(networks())
def test_what_is_copied_can_be_pasted_and_saved_as_a_file(network: Network) -> None:
    text = written(network.layers, network.input)
    assert '"uid"' not in text
    if network.layers:
        found = read(text)
        assert found == decode_network(text)
        assert found.input == network.input
        assert written(found.layers, found.input) == text


def test_a_list_or_a_single_layer_will_do() -> None:
    one = {"type": "dense", "units": 10}
    for content in (one, [one], {"format": "cnnviz-network", "layers": [one]}):
        assert [layer.kind for layer in read(f" \n{json.dumps(content)}\n").layers] == ["dense"]
    text = written([BLOCK, Flatten(), Dense(units=3)], Input())
    assert [layer.kind for layer in read(text).layers] == ["branches", "flatten", "dense"]


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{", "[1, 2", "[]", "{}", '{"a": 1}', "[" * 5000, "1" * 20, "null", "NaN",
     '{"format": "cnnviz-network", "layers": []}', "[" + " " * MAX_LENGTH + "]"],
)  # fmt: skip
def test_what_is_no_network_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match="The clipboard holds no network"):
        read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"type": "conv2d", "filters": -1}]', "filters"),
        ('[{"type": "conv3d"}]', "conv3d"),
        ('[{"type": "dense", "unit": 3}]', "unit"),
        ('["dense"]', "layers"),
        ('{"format": "cnnviz-network", "version": 9, "layers": []}', "version 9"),
        ('{"format": "cnnviz-project", "layers": []}', "cnnviz-project"),
    ],
)
def test_a_network_with_a_fault_says_where(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=rf"The text .*{reason}"):
        read(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(UserError):
        read(text)


@pytest.mark.parametrize("before", ["", "Look at this:\n\n"])
def test_a_network_in_a_message_is_found(before: str) -> None:
    """Messengers put marks around what is no prose."""
    text = written([Flatten(), Dense(units=3)], Input(4, 4, 1))
    assert read(f"{before}```json\n{text}```\nBye") == read(text)
    assert read(f"{before}```\n{text}\n```") == read(text)
