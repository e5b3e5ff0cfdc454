"""Known networks with the settings that train them best."""

from __future__ import annotations

from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training

QUICK_START = "quick-start"
"""The network that reads 99 % of the digits after half an epoch."""

QUICK_STEPS = 270

_RECIPES = {
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
    )
}


def project_of(name: str) -> Project:
    """A new project with a known network and, where there is one, its recipe.

    Raises:
        UserError: there is no such network.
    """
    return Project(preset(name), training=_RECIPES.get(name, Training()))
