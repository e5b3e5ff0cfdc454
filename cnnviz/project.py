"""A project: everything that a person decides. What was learned is kept beside it, as tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from msgspec import Struct

from cnnviz.analysis import TensorKey
from cnnviz.data.datasets import Source
from cnnviz.layers.fields import about
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.preparation import Preparation
from cnnviz.training import Training

VERSION = 1
LARGEST_SEED = 2**53

Weights = Mapping[TensorKey, np.ndarray]
"""Learned tensors (float32, read-only). It may know more than a network has: what an edit removed
stays, so that a value typed back brings its learning back. What it lacks starts from the seed."""


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """A network, the data it is for and how they are prepared, how it is trained, and the seed of
    all randomness."""

    network: Network
    format: Literal["cnnviz-project"] = "cnnviz-project"
    version: int = VERSION
    dataset: Source = "mnist"
    training: Training = Training()
    seed: Annotated[
        int,
        about(
            Message("Seed"),
            Message("Where chance starts: the same seed gives the same initial weights."),
            ge=0,
            le=LARGEST_SEED,
        ),
    ] = 0
    preparation: Preparation = Preparation()
