"""Known networks with the settings that train them best."""

from __future__ import annotations

from msgspec.structs import replace

from cnnviz.preparation import Preparation
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training

QUICK_START = "quick-start"
"""The network that reads 99 % of the digits after half an epoch."""

QUICK_STEPS = 270

THOROUGH = "thorough"
"""The network that makes the fewest mistakes with the digits after five minutes of two cores."""

TWO_INPUTS = "two-inputs"
"""The network that a class works out by hand."""

_FAST = Training(
    optimizer="adamw",
    beta2=0.99,
    weight_decay=0.01,
    schedule="one_cycle",
    rise=0.25,
    precision="bfloat16",
)
"""What the quickest way to few mistakes has in common, however long it takes."""

_RECIPES = {
    TWO_INPUTS: Training(
        optimizer="sgd",
        momentum=0.0,
        learning_rate=1.0,
        batch_size=4,
        run_length="steps",
        steps=400,
    ),
    QUICK_START: replace(
        _FAST,
        learning_rate=0.015,
        label_smoothing=0.1,
        shift=1,
        run_length="steps",
        steps=QUICK_STEPS,
    ),
    THOROUGH: replace(
        _FAST,
        learning_rate=0.01,
        label_smoothing=0.05,
        batch_size=512,
        branches_apart=True,
        epochs=26,
    ),
}

_PREPARATIONS = {THOROUGH: Preparation(rotate=20, zoom=20, shear=15, move=9)}
"""Images of 28×28 pixels are moved by up to two and a half of them."""

_DATA_SETS = {TWO_INPUTS: "toy_two_inputs"}
"""Of the networks that are not for MNIST's digits, or for whatever one chooses."""


def project_of(name: str) -> Project:
    """A new project with a known network and, where it has them, its recipe, its data and how they
    are prepared.

    Raises:
        UserError: there is no such network.
    """
    dataset = _DATA_SETS.get(name, "mnist")
    return Project(
        preset(name),
        dataset=dataset,
        training=_RECIPES.get(name, Training()),
        preparation=_PREPARATIONS.get(name, Preparation()),
    )
