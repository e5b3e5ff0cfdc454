"""How to train: each setting is declared once; form, file, option and engine derive theirs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from cnnviz.layers.fields import about
from cnnviz.message import Message

Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]
Schedule = Literal["constant", "step", "exponential", "cosine", "one_cycle", "plateau"]
Loss = Literal["cross_entropy", "mean_squared_error"]
Length = Literal["epochs", "steps"]
Precision = Literal["float32", "bfloat16", "reference"]

TRAINING_NAMES: dict[str, Message] = {
    "sgd": Message("SGD"),
    "adam": Message("Adam"),
    "adamw": Message("AdamW"),
    "rmsprop": Message("RMSprop"),
    "constant": Message("Constant"),
    "step": Message("Step"),
    "exponential": Message("Exponential"),
    "cosine": Message("Cosine"),
    "one_cycle": Message("One cycle"),
    "plateau": Message("On plateau"),
    "cross_entropy": Message("Cross entropy"),
    "mean_squared_error": Message("Squared error"),
    "epochs": Message("Epochs"),
    "steps": Message("Steps"),
    "float32": Message("float32"),
    "bfloat16": Message("bfloat16"),
    "reference": Message("Reference"),
}
"""What to call each word that a setting may choose."""

ADAMS = frozenset({"adam", "adamw"})
WITH_MOMENTUM = frozenset({"sgd", "rmsprop"})


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """How to train. A setting without a meaning beside the others (`shown`) has no effect."""

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
    dampening: Annotated[
        float,
        about(
            Message("Dampening"),
            Message("How much less of the new gradient goes into the momentum (SGD)."),
            ge=0,
            le=1,
        ),
    ] = 0.0
    nesterov: Annotated[
        bool,
        about(Message("Nesterov"), Message("Look ahead along the momentum first (SGD).")),
    ] = False
    beta1: Annotated[
        float,
        about(
            Message("Beta 1"),
            Message("How slowly Adam's mean of the gradients forgets."),
            ge=0,
            le=0.9999,
        ),
    ] = 0.9
    beta2: Annotated[
        float,
        about(
            Message("Beta 2"),
            Message("How slowly Adam's mean of the squared gradients forgets."),
            ge=0,
            le=0.99999,
        ),
    ] = 0.999
    alpha: Annotated[
        float,
        about(
            Message("Alpha"),
            Message("How slowly RMSprop's mean of the squared gradients forgets."),
            ge=0,
            le=0.99999,
        ),
    ] = 0.99
    epsilon: Annotated[
        float,
        about(
            Message("Epsilon"),
            Message("Added to what a step is divided by, so that it is never nothing."),
            gt=0,
            le=1,
        ),
    ] = 1e-8
    weight_decay: Annotated[
        float,
        about(
            Message("Weight decay"),
            Message("Pulls every weight a little towards zero at each step."),
            ge=0,
            le=10,
        ),
    ] = 0.0
    clipping: Annotated[
        float,
        about(
            Message("Gradient clipping"),
            Message("The greatest norm of all gradients together; longer ones are cut. 0: never."),
            zero=Message("off"),
            ge=0,
            le=1e6,
        ),
    ] = 0.0
    schedule: Annotated[
        Schedule,
        about(Message("Schedule"), Message("How the learning rate changes during a run.")),
    ] = "constant"
    step_epochs: Annotated[
        int,
        about(
            Message("Epochs per step"),
            Message("After so many epochs the learning rate is multiplied by the factor."),
            ge=1,
            le=100_000,
        ),
    ] = 2
    factor: Annotated[
        float,
        about(
            Message("Factor"),
            Message("What the learning rate is multiplied by each time (exponential: each epoch)."),
            gt=0,
            le=1,
        ),
    ] = 0.5
    plateau_patience: Annotated[
        int,
        about(
            Message("Plateau patience"),
            Message(
                "Epochs without a lower loss that are waited through before the learning rate is "
                "reduced: on the validation images, or on the test images where there are none."
            ),
            ge=0,
            le=100_000,
        ),
    ] = 1
    rise: Annotated[
        float,
        about(
            Message("Rising part"),
            Message(
                "The part of the run in which the learning rate rises, from 1/25 of itself. In the "
                "rest it falls to nearly nothing (Smith, 2018)."
            ),
            ge=0,
            le=0.9,
        ),
    ] = 0.3
    final_share: Annotated[
        float,
        about(
            Message("Final share"),
            Message("The share of the learning rate that is left at the end of the run."),
            ge=0,
            le=1,
        ),
    ] = 0.0
    warm_up: Annotated[
        int,
        about(
            Message("Warm-up"),
            Message("Steps in which the learning rate first rises from zero, in a straight line."),
            ge=0,
            le=1_000_000,
        ),
    ] = 0
    loss: Annotated[
        Loss,
        about(
            Message("Loss"),
            Message(
                "What is made small: the cross entropy, or the mean squared error of the "
                "probabilities against 1 for the right class and 0 for the others."
            ),
        ),
    ] = "cross_entropy"
    label_smoothing: Annotated[
        float,
        about(
            Message("Label smoothing"),
            Message("The share of certainty that is taken from the right class and given to all."),
            ge=0,
            le=1,
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
    run_length: Annotated[
        Length,
        about(Message("Run length"), Message("Whether a run is so many epochs or so many steps.")),
    ] = "epochs"
    epochs: Annotated[
        int,
        about(
            Message("Epochs"),
            Message("How often all training images are gone through."),
            ge=1,
            le=100_000,
        ),
    ] = 5
    steps: Annotated[
        int,
        about(
            Message("Steps"),
            Message("How many batches are learned from."),
            ge=1,
            le=100_000_000,
        ),
    ] = 1000
    stopping_patience: Annotated[
        int,
        about(
            Message("Early stopping"),
            Message(
                "The run ends after so many epochs in a row without a lower loss on the validation "
                "images, or on the test images where there are none. 0: it never ends early."
            ),
            zero=Message("off"),
            ge=0,
            le=100_000,
        ),
    ] = 0
    target_error: Annotated[
        float,
        about(
            Message("Target error, %"),
            Message(
                "The run ends when no more than this share of the validation images is wrong after "
                "an epoch, or of the test images where there are none. 0: it goes on."
            ),
            zero=Message("off"),
            step=0.5,
            ge=0,
            le=100,
        ),
    ] = 0.0
    shift: Annotated[
        int,
        about(
            Message("Batch shift"),
            Message(
                "All images of a batch are moved together by up to so many pixels, by chance, so "
                "that places count less."
            ),
            ge=0,
            le=64,
        ),
    ] = 0
    branches_apart: Annotated[
        bool,
        about(
            Message("Branches apart"),
            Message(
                "Where the network ends in branches that are added: each image of a batch goes "
                "through one of them alone, so that each learns as a network of its own. What they "
                "then say together is wrong less often than any of them (an ensemble; Hansen and "
                "Salamon, 1990). Other networks learn as ever."
            ),
        ),
    ] = False
    precision: Annotated[
        Precision,
        about(
            Message("Precision"),
            Message(
                "The numbers of a training step. bfloat16 has two to three digits, and is twice as "
                "fast on processors that have it; weights and pictures stay float32. Reference is "
                "float32 with nothing that makes it quicker: what an exported reference script "
                "repeats."
            ),
        ),
    ] = "float32"

    def shown(self, field: str) -> bool:
        """Whether a setting has a meaning with the present values of the others."""
        moved = self.optimizer == "sgd" and self.momentum > 0
        meaning = {
            "momentum": self.optimizer in WITH_MOMENTUM,
            "dampening": moved and not self.nesterov,
            "nesterov": moved,
            "beta1": self.optimizer in ADAMS,
            "beta2": self.optimizer in ADAMS,
            "alpha": self.optimizer == "rmsprop",
            "epsilon": self.optimizer != "sgd",
            "step_epochs": self.schedule == "step",
            "factor": self.schedule in {"step", "exponential", "plateau"},
            "plateau_patience": self.schedule == "plateau",
            "rise": self.schedule == "one_cycle",
            "final_share": self.schedule == "cosine",
            "label_smoothing": self.loss == "cross_entropy",
            "epochs": self.run_length == "epochs",
            "steps": self.run_length == "steps",
        }
        return meaning.get(field, True)


LEAST_APART = 2
"""So many images of a batch each branch must get, or all branches learn from all of them."""

NEXT_RUN = frozenset({"optimizer", "batch_size"})
"""What counts from the next run on; all else changes a run that goes on."""

GROUPS: tuple[tuple[Message, tuple[str, ...]], ...] = (
    (
        Message("Optimizer"),
        (
            "optimizer", "learning_rate", "momentum", "dampening", "nesterov", "beta1", "beta2",
            "alpha", "epsilon", "weight_decay", "clipping",
        ),
    ),
    (Message("Loss"), ("loss", "label_smoothing")),
    (Message("Batches"), ("batch_size", "shift", "branches_apart", "precision")),
    (Message("Run"), ("run_length", "epochs", "steps", "stopping_patience", "target_error")),
    (
        Message("Schedule"),
        ("schedule", "step_epochs", "factor", "plateau_patience", "rise", "final_share", "warm_up"),
    ),
)  # fmt: skip
"""The settings as a form shows them: every one, once."""


def changed_live(before: Training, after: Training) -> Training:
    """`after`, with what counts from the next run on as it was `before`.

    The order in which tensors lie in memory is settled when a run begins: so it is, or is not, a
    reference from then on.
    """
    kept = {name: getattr(before, name) for name in NEXT_RUN}
    if before.precision != after.precision and "reference" in {before.precision, after.precision}:
        kept["precision"] = before.precision
    return msgspec.structs.replace(after, **kept)
