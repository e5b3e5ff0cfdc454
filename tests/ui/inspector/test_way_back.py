"""Places and readers on the way back, without widgets."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.layers import Activation, Branches, Conv2d, Dense, Flatten, Maps, Size
from cnnviz.network import Input, Network
from ui.inspector.backward_layer import as_maps, place_in, shown_as
from ui.inspector.way_back import LOSS_UID, Quantity, axes_of, branch_of, next_index, reader_of


@pytest.mark.parametrize("shape", [(5,), (30,), (6, 4), (3, 4, 5), (4, 3, 2, 5)])
def test_what_is_shown_as_maps_is_found_again(shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    maps = as_maps(values)
    assert maps.ndim == 3
    found = 0
    for tile, row, column in np.ndindex(maps.shape):
        place = place_in(shape, tile, row, column)
        if place is not None:
            found += 1
            assert values[place] == maps[tile, row, column]
    assert found == values.size


def test_what_belongs_to_a_vector_is_folded_back_to_the_maps_before_it() -> None:
    maps = Maps(2, 3, 4)
    assert shown_as((24,), maps) == (4, 2, 3)
    assert shown_as((10, 24), maps) == (10, 4, 2, 3)
    for size in ((10,), (10, 12), (4, 2, 3), (5, 24, 1)):
        assert shown_as(size, maps) == size
    assert shown_as((24,), None) == (24,)


def test_weights_of_every_position_are_shown_as_kernels() -> None:
    assert shown_as((169, 4, 72), None, Size(3, 3)) == (169, 32, 3, 3)
    assert shown_as((169, 4), None, Size(3, 3)) == (169, 4)  # its biases


def test_the_next_place_stays_in_its_map() -> None:
    assert next_index((1, 2, 3), (4, 3, 5)) == (1, 2, 4)
    assert next_index((1, 2, 4), (4, 3, 5)) == (1, 0, 0)
    assert next_index((2, 1, 4, 4), (3, 2, 5, 5)) == (2, 1, 0, 0)
    assert next_index((9,), (10,)) == (0,)
    assert next_index((1, 5), (2, 6)) == (0, 0)


def test_who_reads_whom() -> None:
    inner = Branches(uid="inner", branches=((), (Activation(uid="bent"),)))
    block = Branches(uid="block", branches=((inner,), (Conv2d(uid="conv", filters=3),)))
    layers = [
        Conv2d(uid="first", filters=3),
        Branches(uid="outer", branches=((block,), ())),
        Flatten(uid="flat"),
        Dense(uid="dense", units=10),
        Activation(uid="soft", function="softmax"),
    ]
    report = analyze(Network(input=Input(9, 9, 1)).with_layers(layers))
    assert reader_of(report, "input") == ("first", Quantity())
    assert reader_of(report, "first") == ("outer", Quantity("fork"))
    assert reader_of(report, "bent") == ("inner", Quantity("input", 1))
    assert reader_of(report, "inner") == ("block", Quantity("input", 0))
    assert reader_of(report, "conv") == ("block", Quantity("input", 1))
    assert reader_of(report, "block") == ("outer", Quantity("input", 0))
    assert reader_of(report, "outer") == ("flat", Quantity())
    assert reader_of(report, "dense") == (LOSS_UID, Quantity())
    assert branch_of(report, "outer", 0) == ("block", Quantity("fork"))
    assert branch_of(report, "outer", 1) == ("outer", Quantity("input", 1))
    assert branch_of(report, "inner", 1) == ("bent", Quantity())


def test_the_numbers_of_a_place_have_names() -> None:
    report = analyze(Network(input=Input(9, 9, 1)).with_layers([Conv2d(uid="c"), Flatten()]))
    row = report.row("c")
    weight = Quantity("tensor", name="weight")
    assert axes_of(row, weight) == ("Output map", "Input map", "Row", "Column")
    assert axes_of(row, Quantity("tensor", name="bias")) == ("Output map",)
    assert axes_of(row, Quantity()) == ()
