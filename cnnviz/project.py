"""A project: everything that a person decides. What was learned is kept beside it, as tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from msgspec import Struct

from cnnviz.analysis import TensorKey
from cnnviz.layers import Call
from cnnviz.layers.fields import about
from cnnviz.message import Message
from cnnviz.network import Network

VERSION = 1

Weights = Mapping[TensorKey, np.ndarray]
"""Learned tensors (float32, read-only). It may know more than a network has: what an edit removed
stays, so that a value typed back brings its learning back. What it lacks starts from the seed."""

Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """How to train."""

    optimizer: Annotated[
        Optimizer,
        about(Message("Optimizer"), Message("The rule by which the weights follow the gradient.")),
    ] = "adam"
    learning_rate: Annotated[
        float,
        about(
            Message("Learning rate"),
            Message("How far each step goes. Too small is slow, too large never settles."),
            ge=0,
            le=1000,
        ),
    ] = 0.002
    momentum: Annotated[
        float,
        about(
            Message("Momentum"),
            Message("How much of the last step's direction is kept (SGD and RMSprop)."),
            ge=0,
            le=0.9999,
        ),
    ] = 0.9
    nesterov: Annotated[
        bool,
        about(Message("Nesterov"), Message("Look ahead along the momentum first (SGD).")),
    ] = False
    weight_decay: Annotated[
        float,
        about(
            Message("Weight decay"),
            Message("Pulls every weight a little towards zero at each step."),
            ge=0,
            le=10,
        ),
    ] = 0.0
    batch_size: Annotated[
        int,
        about(
            Message("Batch size"),
            Message("How many images each step learns from."),
            ge=1,
            le=60_000,
        ),
    ] = 128
    epochs: Annotated[
        int,
        about(
            Message("Epochs"),
            Message("How often all training images are gone through."),
            ge=1,
            le=100_000,
        ),
    ] = 5


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """A network, the data it is for, how it is trained, and the seed of all randomness."""

    network: Network
    format: Literal["cnnviz-project"] = "cnnviz-project"
    version: int = VERSION
    dataset: str = "mnist"
    training: Training = Training()
    seed: Annotated[
        int,
        about(
            Message("Seed"),
            Message("Where chance starts: the same seed gives the same initial weights."),
            ge=0,
            le=2**53,
        ),
    ] = 0


def optimizer_call(training: Training) -> Call:
    """The PyTorch optimiser, without the weights that come first; to be made or to be printed."""
    name = {
        "sgd": "torch.optim.SGD",
        "adam": "torch.optim.Adam",
        "adamw": "torch.optim.AdamW",
        "rmsprop": "torch.optim.RMSprop",
    }[training.optimizer]
    keywords: dict[str, object] = {"lr": training.learning_rate}
    if training.optimizer in ("sgd", "rmsprop") and training.momentum:
        keywords["momentum"] = training.momentum
        if training.nesterov and training.optimizer == "sgd":
            keywords["nesterov"] = True
    # Even where it is zero, because PyTorch's own default is another one for AdamW.
    keywords["weight_decay"] = training.weight_decay
    return Call(name, (), keywords)
