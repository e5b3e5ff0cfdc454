"""How a run stands in the middle: all that it takes to go on as if it had never been held.

What chance decides in a step follows from the seed and the step alone (`cnnviz.engine.train`), so
there are no random states to be kept beside the place.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from cnnviz.preparation import Preparation
from cnnviz.project import LARGEST_SEED, Weights
from cnnviz.runs.curves import Changed, Point
from cnnviz.runs.model import KeptRun
from cnnviz.training import Training

_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]
Due = Literal["", "some", "all"]


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a run stands, between two steps.

    settings: those in force. seed: where its chance starts.
    step: steps done. epoch: epochs done. batch: steps done in the present epoch.
    epoch_over: the epoch and its measurement are done, and no other has begun.
    due: what is to be measured before the next step: nothing, some of the test images, or all.
    seconds: spent in training and evaluating. images: learned from by now.
    epoch_losses: on the test images after each epoch, by which plateaus and early stopping go.
    changes: what was changed on the way. loss: of the last step. test, validation: after the last
    epoch. preparation: of the data, as the run has them.
    """

    settings: Training
    seed: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEED)]
    step: _Count
    epoch: _Count
    batch: _Count
    epoch_over: bool = False
    due: Due = ""
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    images: _Count = 0
    epoch_losses: tuple[float, ...] = ()
    changes: tuple[Changed, ...] = ()
    loss: float | None = None
    test: Point | None = None
    validation: Point | None = None
    preparation: Preparation = Preparation()


class Standing(Struct, frozen=True, eq=False):
    """A run that is held, and can be gone on with.

    run: its id. memory: what the optimiser remembers of each weight, float32, by the weight's uid,
    its name and what is remembered ("weight.exp_avg"), and its shape.
    """

    run: str
    place: Place
    memory: Weights


def resumed(run: KeptRun, standing: Standing) -> KeptRun:
    """The run as it stands: paused, and without what came after that step."""
    step = standing.place.step
    return msgspec.structs.replace(
        run,
        state="paused",
        step=step,
        seconds=standing.place.seconds,
        changes=standing.place.changes,
        train=run.train.until(step),
        validation=run.validation.until(step),
        test=run.test.until(step),
        moments=tuple(moment for moment in run.moments if moment.step <= step),
    )
