"""A project with weights, archives made by hand, and what a person reads when one is bad."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.layers import Activation, BatchNorm, Border, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import UserError
from cnnviz.network import Network, named_by_place
from cnnviz.project import Project, Weights
from cnnviz.training import Training

NETWORK = named_by_place(
    Network(
        name="Zwölf Ecken 十二",
        layers=(
            Conv2d(uid="u.7", filters=3, kernel=Size(5, 3), padding=Border(1, 0)),
            BatchNorm(),
            Activation(function="tanh"),
            MaxPool(padding="same"),
            Flatten(),
            Dense(units=10, bias=False),
        ),
    )
)
PROJECT = Project(NETWORK, training=Training(optimizer="sgd", learning_rate=0.3), seed=2**53)


def random_weights(network: Network, seed: int = 0) -> Weights:
    chance = np.random.default_rng(seed)
    keys = analyze(network).tensor_keys()
    return {key: chance.normal(size=key[2]).astype(np.float32) for key in keys}


WEIGHTS = random_weights(NETWORK)


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, *parts: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return path


def sentence(call: Callable[[], Any]) -> str:
    """What the person reads; anything but a UserError fails the test."""
    with pytest.raises(UserError) as caught:
        call()
    text = str(caught.value)
    assert text.endswith("."), text
    assert len(text) < 600, text
    assert "\n" not in text
    return text
