"""Network files, those that were written by anybody too."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.layers import Conv2d, MaxPool, Size
from cnnviz.message import UserError
from cnnviz.network import MAX_DEPTH, MAX_LAYERS, Input, Network, renamed
from cnnviz.network_file import decode_network, encode_network
from tests.support.networks import networks

FLATTEN = '{"type":"flatten"}'


def nested(depth: int) -> str:
    """Blocks within each other, so many."""
    return '{"type":"branches","branches":[[' * depth + FLATTEN + "]]}" * depth


def document(*layers: str, head: str = '"format": "cnnviz-network", "version": 1') -> str:
    return f'{{{head}, "layers": [{", ".join(layers)}]}}'


@given(network=networks(), name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_is_written_is_read_back(network: Network, name: str) -> None:
    network = msgspec.structs.replace(network, name=name)
    data = encode_network(network)
    assert decode_network(data) == network
    assert decode_network(data.decode()) == network
    assert len(json.loads(data)["layers"]) == len(network.layers)


@given(network=networks(uids=False))
def test_a_file_without_uids_gets_those_of_the_places(network: Network) -> None:
    read = decode_network(encode_network(network))
    assert all(path == layer.uid for path, layer in read.walk())
    assert renamed(read.layers, lambda: "") == network.layers


def test_uids_made_from_places_leave_those_of_the_file_alone() -> None:
    read = decode_network(document('{"type":"flatten"}', '{"type":"dense","uid":"0"}'))
    assert [layer.uid for layer in read.layers] == ["0'", "0"]


def test_a_layer_a_line_and_defaults_left_out() -> None:
    network = Network(name="Tiny").with_layers([Conv2d(uid="a"), MaxPool(uid="b")])
    lines = encode_network(network).decode().splitlines()
    assert len(lines) == 4
    assert '"type": "conv2d"' in lines[2].replace('":"', '": "')
    read = decode_network(document('{"type": "max_pool", "kernel": [3, 2]}'))
    assert read.layers == (MaxPool(uid="0", kernel=Size(3, 2)),)
    assert read.input == Input(28, 28, 1)


HOSTILE = {
    "a number that is none": ('{"type":"conv2d","filters":NaN}', "JSON"),
    "a number that is one in JavaScript": ('{"type":"dropout","rate":Infinity}', "JSON"),
    "a number beyond all numbers": ('{"type":"dropout","rate":1e999}', "$.layers[0].rate"),
    "true for one": ('{"type":"conv2d","filters":true}', "$.layers[0].filters"),
    "one for true": ('{"type":"conv2d","bias":1}', "$.layers[0].bias"),
    "a fraction for a count": ('{"type":"conv2d","filters":1.5}', "$.layers[0].filters"),
    "a text for a count": ('{"type":"conv2d","filters":"8"}', "$.layers[0].filters"),
    "nothing for a count": ('{"type":"conv2d","filters":null}', "$.layers[0].filters"),
    "nought": ('{"type":"conv2d","filters":0}', "$.layers[0].filters"),
    "below nought": ('{"type":"dense","units":-1}', "$.layers[0].units"),
    "too large": ('{"type":"dense","units":1000000001}', "$.layers[0].units"),
    "more than a machine word": ('{"type":"dense","units":9223372036854775808}', "[0].units"),
    "five thousand digits": (f'{{"type":"dense","units":{"9" * 5000}}}', "$.layers[0].units"),
    "a kernel of nothing": ('{"type":"conv2d","kernel":[0, 1]}', "$.layers[0].kernel[0]"),
    "a kernel of one number": ('{"type":"conv2d","kernel":3}', "$.layers[0].kernel"),
    "a kernel of three": ('{"type":"conv2d","kernel":[1, 2, 3]}', "length 2"),
    "a kernel of none": ('{"type":"conv2d","kernel":[]}', "$.layers[0].kernel"),
    "padding below nought": ('{"type":"conv2d","padding":[-1, 0]}', "$.layers[0].padding[0]"),
    "padding of another kind": ('{"type":"conv2d","padding":"full"}', "$.layers[0].padding"),
    "a rate over 1": ('{"type":"dropout","rate":1.01}', "$.layers[0].rate"),
    "an epsilon of 0": ('{"type":"batch_norm","epsilon":0}', "$.layers[0].epsilon"),
    "an unknown function": ('{"type":"activation","function":"step"}', "$.layers[0].function"),
    "an unknown kind": ('{"type":"lstm"}', "$.layers[0].type"),
    "no kind": ('{"filters":3}', "$.layers[0]"),
    "a field nobody knows": ('{"type":"flatten","colour":"red"}', "$.layers[0]"),
    "a field of another kind": ('{"type":"dense","filters":3}', "$.layers[0]"),
    "a layer that is a list": ("[]", "$.layers[0]"),
    "a layer that is nothing": ("null", "$.layers[0]"),
    "the uid of the input": ('{"type":"flatten","uid":"input"}', "'input'"),
    "half a letter": ('{"type":"flatten","uid":"\\ud800"}', "JSON"),
}


@pytest.mark.parametrize(("layer", "place"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_layers_are_refused_with_the_place(layer: str, place: str) -> None:
    with pytest.raises(UserError, match=re.escape(place)) as refused:
        decode_network(document(layer))
    assert len(str(refused.value)) < 300


HOSTILE_FILES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "JSON"),
    "nothing but white": (" \n", "JSON"),
    "half a file": (document()[:-1], "JSON"),
    "something after it": (document() + "x", "JSON"),
    "another encoding": (document().encode("utf-16"), "JSON"),
    "bytes that are no text": (b'{"format": "\xff\xfe"}', "JSON"),
    "a name that is no text": (
        document(head='"format": "cnnviz-network", "name": "?"').encode().replace(b"?", b"\xff"),
        "JSON",
    ),
    "half a letter": ('"\ud800"', "JSON"),
    "a list": ("[]", "object"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "JSON"),
    "no format": ('{"layers": []}', "format"),
    "the format of a project": (document(head='"format": "cnnviz-project"'), "cnnviz-project"),
    "a format that is a number": ('{"format": 3}', "$.format"),
    "a newer version": (
        document(head='"format": "cnnviz-network", "version": 2, "graph": {}'),
        "version 2",
    ),
    "a version that is true": (
        document(head='"format": "cnnviz-network", "version": true'),
        "$.version",
    ),
    "version nought": (document(head='"format": "cnnviz-network", "version": 0'), "$.version"),
    "an input of nothing": (
        document(head='"format": "cnnviz-network", "input": {"height": 0}'),
        "$.input.height",
    ),
    "an input too large": (
        document(head='"format": "cnnviz-network", "input": {"width": 1000000001}'),
        "$.input.width",
    ),
    "an input with an unknown axis": (
        document(head='"format": "cnnviz-network", "input": {"depth": 3}'),
        "$.input",
    ),
    "a name that is a number": (
        document(head='"format": "cnnviz-network", "name": 3'),
        "$.name",
    ),
    "layers that are an object": ('{"format": "cnnviz-network", "layers": {}}', "$.layers"),
    "a field nobody knows": (document(head='"format": "cnnviz-network", "weights": 1'), "weights"),
    "a uid twice": (
        document('{"type":"flatten","uid":"a"}', '{"type":"dense","uid":"a"}'),
        "'a', at $.layers[0] and $.layers[1];",
    ),
    "the uid of the input": (document('{"type":"flatten","uid":"input"}'), "at $.layers[0]"),
    "no number": (document('{"type":"dropout",\n"rate":NaN}'), "NaN in line 2"),
    "no finite number": (document('{"type":"dropout","rate":-Infinity}'), "Infinity in line 1"),
    "lists in lists": ("[" * 100_000, "a list"),
    "objects in objects": ('{"a":' * 100_000, "nested so deep"),
    "deep where nobody looks": (
        document(head=f'"format": "cnnviz-network", "x": {"[" * 100_000}{"]" * 100_000}'),
        "nested so deep",
    ),
    "deep in a layer": (document("[" * 100_000), "nested so deep"),
    "branches within branches": (
        document(nested(MAX_DEPTH + 1)),
        "more than 50 deep, at $.layers[0]",
    ),
    "branches within branches without end": (document(nested(20_000)), "nested so deep"),
    "no branches": (document('{"type":"branches","branches":[]}'), "$.layers[0].branches"),
    "a merge nobody knows": (
        document('{"type":"branches","merge":"subtract"}'),
        "$.layers[0].merge",
    ),
    "a layer nobody knows in a branch": (
        document('{"type":"branches","branches":[[],[{"type":"conv3d"}]]}'),
        "$.layers[0].branches",
    ),
    "a uid twice, once in a branch": (
        document(
            '{"type":"flatten","uid":"a"}',
            '{"type":"branches","branches":[[{"type":"dense","uid":"a"}]]}',
        ),
        "$.layers[0] and $.layers[1].branches[0][0]",
    ),
    "too many layers in a branch": (
        document(f'{{"type":"branches","branches":[[{",".join([FLATTEN] * MAX_LAYERS)}]]}}'),
        "10,001",
    ),
    "too many layers": (document(*['{"type":"flatten"}'] * (MAX_LAYERS + 1)), "10,001"),
}


@pytest.mark.parametrize(("data", "words"), HOSTILE_FILES.values(), ids=HOSTILE_FILES)
def test_hostile_files_are_refused(data: str | bytes, words: str) -> None:
    with pytest.raises(UserError, match=re.escape(words)) as refused:
        decode_network(data)
    assert len(str(refused.value)) < 300


def test_as_many_layers_as_are_allowed() -> None:
    assert len(decode_network(document(*['{"type":"flatten"}'] * MAX_LAYERS)).layers) == MAX_LAYERS


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a JSON document, as the steps that lead there."""
    found = [at]
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            found += places(inner, (*at, step))
    return found


@settings(max_examples=300)
@given(data=st.data(), network=networks(count=3), wrong=ANYTHING)
def test_anything_anywhere_is_read_or_refused(
    data: st.DataObject, network: Network, wrong: Any
) -> None:
    found: Any = json.loads(encode_network(network))
    *way, last = data.draw(st.sampled_from(places(found)[1:]))
    target = found
    for step in way:
        target = target[step]
    target[last] = wrong
    try:
        read = decode_network(json.dumps(found))
    except UserError:
        return
    assert decode_network(encode_network(read)) == read


@given(data=st.binary(max_size=200) | st.text(max_size=200))
def test_noise_is_refused(data: bytes | str) -> None:
    with pytest.raises(UserError):
        decode_network(data)
