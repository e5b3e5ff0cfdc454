"""What is said of a step is what PyTorch's optimiser does in its first one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.arithmetic.backward.update import update
from cnnviz.engine.optimizing import optimizer_of
from cnnviz.training import Training


@given(
    optimizer=st.sampled_from(["sgd", "adam", "adamw", "rmsprop"]),
    weight=st.floats(-2, 2, width=32),
    gradient=st.floats(-2, 2, width=32).filter(lambda g: abs(g) > 1e-3),
    momentum=st.sampled_from([0.0, 0.9]),
    dampening=st.sampled_from([0.0, 0.5]),
    nesterov=st.booleans(),
    decay=st.sampled_from([0.0, 0.01]),
    clipping=st.sampled_from([0.0, 0.25]),
    rate=st.sampled_from([0.001, 0.1]),
)
def test_the_first_step_is_the_optimisers(
    optimizer: Any,
    weight: float,
    gradient: float,
    momentum: float,
    dampening: float,
    nesterov: bool,
    decay: float,
    clipping: float,
    rate: float,
) -> None:
    training = Training(
        optimizer=optimizer,
        learning_rate=rate,
        momentum=momentum,
        dampening=dampening,
        nesterov=nesterov,
        weight_decay=decay,
        clipping=clipping,
    )
    w = torch.nn.Parameter(torch.tensor([weight]))
    w.grad = torch.tensor([gradient])
    if clipping:
        torch.nn.utils.clip_grad_norm_([w], clipping)
    optimizer_of([w], training).step()
    steps = update(training, rate, weight, gradient, abs(gradient))
    assert steps[-1].result == pytest.approx(float(w.detach()), rel=1e-4, abs=1e-5)


def test_plain_descent_says_no_more_than_it_does() -> None:
    training = Training(optimizer="sgd", momentum=0.0)
    (step,) = update(training, 0.5, 0.25, -0.125)
    assert str(step.title) == "New weight: w − η · g"
    assert step.result == 0.3125
    (step,) = update(training, 0.5, 0.25, -0.125, bias=True)
    assert str(step.title) == "New bias: w − η · g"
