"""The product of patches and filters is the convolution."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.arithmetic import Reading
from cnnviz.arithmetic.matrices import matrices
from cnnviz.arithmetic.sources import sources_of
from cnnviz.layers import Border, Conv2d, Maps, Size
from tests.arithmetic.seen import Seen, network_of


@pytest.mark.parametrize(
    "layer",
    [
        Conv2d(filters=60, kernel=Size(3, 2), stride=Size(2, 1), padding="same"),
        Conv2d(filters=6, groups=3, padding=Border(2, 1), dilation=Size(2, 1)),
        Conv2d(filters=3, connections=((0,), (2, 0), (1, 2)), bias=False),
    ],
    ids=lambda layer: layer.detail,
)
def test_rows_and_columns_are_positions_and_filters(layer: Conv2d) -> None:
    report = analyze(network_of(layer, Maps(8, 7, 3)))
    seen = Seen(report, "it")
    shapes = [source.shape for source in sources_of(report, "it")]
    _, height, width = seen.output.shape
    for place in ((0, 0, 0), (2, 3, 1), (layer.filters - 1, height - 1, width - 1)):
        x = seen.maps["before"]
        reading = Reading(report.row("it"), [x], shapes, seen.tensors, place)
        found = matrices(layer, reading, most=10)
        assert found.patches.shape[0] == 10
        assert found.first_position + found.row == place[1] * width + place[2]
        assert found.first_filter + found.column == place[0]
        flat = seen.output.reshape(len(seen.output), -1).T  # (positions, filters)
        n, k = found.products.shape
        rows = slice(found.first_position, found.first_position + n)
        columns = slice(found.first_filter, found.first_filter + k)
        bias = seen.tensors["bias"][columns] if layer.bias else 0.0
        np.testing.assert_allclose(found.products + bias, flat[rows, columns], rtol=1e-3, atol=1e-4)
