"""A project: everything that a person decides. What was learned is kept beside it, as tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
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
RUN_ID = r"^r[1-9][0-9]{0,8}\Z"
"""What the id of a run looks like. It names a folder in files, so it is nothing else."""

Weights = Mapping[TensorKey, np.ndarray]
"""Learned tensors (float32, read-only). It may know more than a network has: what an edit removed
stays, so that a value typed back brings its learning back. What it lacks starts from the seed."""


class RunNote(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person has said of a run that is kept: its name, a note, or that it is not wanted."""

    run: Annotated[str, msgspec.Meta(pattern=RUN_ID)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    note: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    deleted: bool = False


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """A network, the data it is for and how they are prepared, how it is trained, and the seed of
    all randomness.

    runs: what was said of runs; the runs themselves are kept beside the project.
    """

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
    runs: tuple[RunNote, ...] = ()
