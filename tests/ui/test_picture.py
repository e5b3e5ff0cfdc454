"""What the network sees, as greys and as the numbers that they are."""

from __future__ import annotations

import msgspec
import numpy as np

from cnnviz.analysis import analyze
from cnnviz.engine.protocol import Activations, Probed, Tensor
from cnnviz.layers import Activation, Dense, Flatten
from cnnviz.layers.activation import Function
from cnnviz.network import INPUT_UID, Network, named_by_place
from ui.picture import Picture, blank, network_limit, picture_of

NETWORK = named_by_place(Network(layers=(Flatten(), Dense(units=10))))


def picture(values: np.ndarray, low: float, high: float) -> Picture:
    tensor = Tensor.of(INPUT_UID, "", values)
    layers = [Activations(INPUT_UID, tensor.shape, 1, float(np.abs(values).max()), tensor.data)]
    message = Probed(1, 0, 0, layers, [], [], 0, low, high)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Probed)
    return picture_of(again, analyze(NETWORK, 10))


def test_greys_are_shown_as_they_are() -> None:
    values = np.linspace(0, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    found = picture(values, 0.0, 1.0)
    assert found.greys
    assert found.seen is found.maps[INPUT_UID]
    assert found.inked


def test_scaled_values_stay_numbers_and_are_shown_as_the_greys_they_were() -> None:
    greys = np.linspace(0, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    scaled = (greys - np.float32(0.1307)) / np.float32(0.3081)
    found = picture(scaled, -0.1307 / 0.3081, (1 - 0.1307) / 0.3081)
    assert not found.greys
    assert np.array_equal(found.maps[INPUT_UID], scaled)
    assert found.seen is not None
    np.testing.assert_allclose(found.seen, greys, atol=1e-6)


def test_black_is_nothing_however_it_is_scaled() -> None:
    black = np.full((1, 4, 4), np.float32(-0.4242), np.float32)
    assert not picture(black, -0.1307 / 0.3081, 2.8).inked
    assert not picture(np.zeros((1, 4, 4), np.float32), 0.0, 1.0).inked
    assert not blank(0).inked
    assert blank(0).seen is None


def test_thinned_maps_stand_apart_and_count_for_the_range_of_the_network() -> None:
    values = np.ones((2, 4, 4), np.float32)
    whole, thin, none = (
        Tensor.of(uid, "", part)
        for uid, part in (("a", values), ("b", values[:, ::2, ::2]), ("c", values[:0]))
    )
    layers = [
        Activations("a", whole.shape, 2, 1.0, whole.data),
        Activations("b", thin.shape, 2, 5.0, thin.data, 2),
        Activations("c", none.shape, 2, 7.0, none.data, 0),
    ]
    found = picture_of(Probed(1, 0, 0, layers, [], []), analyze(NETWORK, 10))
    assert list(found.maps) == ["a"]
    assert {uid: (one.values.shape, one.step) for uid, one in found.thinned.items()} == {
        "b": ((2, 2, 2), 2),
        "c": ((0, 4, 4), 0),
    }
    assert network_limit(found) == 7.0


def test_what_squeezes_its_values_has_colours_of_their_own_range() -> None:
    """A ReLU is drawn in the range of what it reads, so that one sees what it takes away; of a
    softmax of large logits nothing would be seen."""
    limits: list[tuple[Function, float]]
    limits = [("relu", 8.0), ("softmax", 0.9), ("tanh", 0.9), ("gelu", 8.0)]
    for function, expected in limits:
        bent = Activation(uid="bent", function=function)
        network = Network(layers=(Flatten(uid="flat"), Dense(uid="dense", units=10), bent))
        values = np.ones(10, np.float32)
        tensor = Tensor.of("", "", values)
        layers = [
            Activations(uid, tensor.shape, 10, limit, tensor.data)
            for uid, limit in (("dense", 8.0), ("bent", 0.9))
        ]
        seen = picture_of(Probed(1, 0, 0, layers, [], []), analyze(network, 10))
        assert seen.limits["bent"] == expected
