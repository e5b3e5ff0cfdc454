"""Known networks with the settings that train them best."""

from __future__ import annotations

from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training

QUICK_START = "quick-start"
"""The network that reads 99 % of the digits after half an epoch."""

QUICK_STEPS = 270

TWO_INPUTS = "two-inputs"
"""The network that a class works out by hand."""

_RECIPES = {
    TWO_INPUTS: Training(
        optimizer="sgd",
        momentum=0.0,
        learning_rate=1.0,
        batch_size=4,
        run_length="steps",
        steps=400,
    ),
    QUICK_START: Training(
        optimizer="adamw",
        beta2=0.99,
        weight_decay=0.01,
        learning_rate=0.015,
        schedule="one_cycle",
        rise=0.25,
        label_smoothing=0.1,
        shift=1,
        precision="bfloat16",
        run_length="steps",
        steps=QUICK_STEPS,
    ),
}

_DATA_SETS = {TWO_INPUTS: "toy_two_inputs"}
"""Of the networks that are not for MNIST's digits, or for whatever one chooses."""


def project_of(name: str) -> Project:
    """A new project with a known network and, where it has them, its recipe and its data.

    Raises:
        UserError: there is no such network.
    """
    dataset = _DATA_SETS.get(name, "mnist")
    return Project(preset(name), dataset=dataset, training=_RECIPES.get(name, Training()))
