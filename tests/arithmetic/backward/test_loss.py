"""The error of each output is autograd's, and the loss that of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.arithmetic.backward.loss import error, loss, wanted
from cnnviz.arithmetic.text import line
from cnnviz.engine.loss import loss_of
from cnnviz.training import Training
from tests.arithmetic.seen import TOLERANCE

kinds = st.sampled_from(["cross_entropy", "mean_squared_error"])


@given(
    logits=st.lists(st.floats(-12, 12, width=32), min_size=2, max_size=12),
    kind=kinds,
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    data=st.data(),
)
def test_errors_are_autograds(
    logits: list[float], kind: Any, smoothing: float, data: st.DataObject
) -> None:
    training = Training(loss=kind, label_smoothing=smoothing)
    target = data.draw(st.integers(0, len(logits) - 1))
    z = torch.tensor(logits)[None].requires_grad_()
    value = loss_of(training, z, torch.tensor([target]))
    expected = torch.autograd.grad(value, z)[0][0].numpy()
    given_logits = np.array(logits, np.float32)
    for index, computed in enumerate(expected.tolist()):
        flow = error(training, given_logits, target, index)
        assert abs(flow.value - computed) <= TOLERANCE * max(flow.absolute, 1e-30)
        assert flow.steps[-1].result == flow.value
    told = loss(training, given_logits, target)
    assert told.result == pytest.approx(float(value.detach()), rel=1e-4, abs=1e-6)


def test_smoothing_is_taken_from_the_target_and_given_to_all() -> None:
    assert wanted(Training(label_smoothing=0.1), 10, 3).tolist() == pytest.approx(
        [0.01] * 3 + [0.91] + [0.01] * 6
    )
    assert wanted(Training(loss="mean_squared_error", label_smoothing=0.1), 2, 1).tolist() == [0, 1]


def test_probability_less_target() -> None:
    flow = error(Training(), np.array([3.0, 1.0, -3.0], np.float32), 1, 0)
    assert flow.value == pytest.approx(0.879, abs=1e-3)
    assert error(Training(), np.array([3.0, 1.0, -3.0], np.float32), 0, 0).value < 0


@pytest.mark.parametrize(
    ("logits", "said"),
    [
        ([9.0, 0.0], "−ln 0.999877 = 0.000123"),
        ([1.0, 0.0], "−ln 0.731 = 0.313"),
        ([0.0, 9.0], "−ln 0.000123 = 9.000"),
    ],
)
def test_a_small_loss_is_not_the_logarithm_of_one(logits: list[float], said: str) -> None:
    assert line(loss(Training(), np.array(logits, np.float32), 0)) == said
