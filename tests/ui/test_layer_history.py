"""What the window keeps of the layers: every line whole, and histograms within bounds."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.engine.protocol import Figures, Histogram, LayerFigures
from ui.layer_history import MOST, LayerHistory


def figures(step: int, **values: object) -> Figures:
    layer = LayerFigures("conv", **values)  # type: ignore[arg-type]
    return Figures(step, [layer, LayerFigures("relu", dead=0.25)])


def test_each_layer_has_its_lines() -> None:
    history = LayerHistory()
    assert len(history) == 0
    history.add([figures(1, gradient=2.0, ratio=0.01), figures(50, gradient=1.0)])
    conv, relu = history.lines("conv"), history.lines("relu")
    assert conv is not None
    assert relu is not None
    assert conv.steps.tolist() == [1, 50]
    assert conv.lines["gradient"].ys.tolist() == [2.0, 1.0]
    assert conv.lines["ratio"].ys[0] == pytest.approx(0.01)
    assert conv.lines["dead"].last is None
    assert relu.lines["dead"].last == (50.0, 0.25)
    assert history.lines("other") is None
    assert history.histograms("conv", "weights") is None


def test_histograms_are_thinned_and_the_ends_stay() -> None:
    history = LayerHistory()
    count = 5 * MOST + 7
    for step in range(1, count + 1):
        history.add([figures(step, weights=Histogram(-step, step, [step, 2 * step]))])
    found = history.histograms("conv", "weights")
    assert found is not None
    assert MOST // 2 <= len(found) <= MOST + 1
    assert found.steps[0] == 1
    assert found.steps[-1] == count
    assert (np.diff(found.steps) > 0).all()
    np.testing.assert_array_equal(found.counts[:, 0], found.steps)
    np.testing.assert_array_equal(found.lows, -found.steps)
    assert history.histograms("conv", "outputs") is None
