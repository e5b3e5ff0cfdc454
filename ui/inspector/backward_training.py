"""Batch norm on the way back in training: what is asked of the engine, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.arithmetic import Absent, dims
from cnnviz.arithmetic.backward.batch import (
    Batch,
    batch_norm_gradient_in_training,
    batch_norm_in_training,
)
from cnnviz.engine.protocol.studies import BackwardInTraining, Look, WentBackInTraining
from cnnviz.layers import BatchNorm
from cnnviz.message import Message
from ui.i18n import tr
from ui.inspector.way_back import WorkedBack, limit_of

if TYPE_CHECKING:
    from cnnviz.analysis import Row
    from cnnviz.arithmetic import Place
    from ui.engine_client import EngineClient
    from ui.inspector.way_back import Quantity
    from ui.session import Session

TRAINING_SLOT = "backward in training"


class InTraining:
    """Asks for the map that is looked at, and works out one δ or gradient of it."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        self._session, self._engine = session, engine
        self._found: WentBackInTraining | None = None

    def work(self, target: int, row: Row, quantity: Quantity, place: Place) -> WorkedBack | Absent:
        """One δ with its three terms, or a gradient with the sums of all images, or why it is not
        there.

        target: the class of the present image. place: of a value that the layer reads, or of a
        parameter.
        """
        project, studies = self._session.project, self._engine.studies
        subject = BackwardInTraining(
            Look.of(self._engine.input_image),
            target,
            project.training.loss,
            project.training.label_smoothing,
            row.layer.uid,
            place[0],
            project.seed,
        )
        studies.ask(TRAINING_SLOT, subject)
        answer, about = studies.newest(TRAINING_SLOT), studies.about(TRAINING_SLOT)
        fits = isinstance(about, BackwardInTraining) and (about.uid, about.number) == (
            subject.uid,
            subject.number,
        )
        if answer is None or not fits:
            return Absent(Message("The values are on their way."))
        found, layer = answer.finding, row.layer
        if not isinstance(found, WentBackInTraining) or not isinstance(layer, BatchNorm):
            on_the_way = Message("The values are on their way.")
            return Absent(on_the_way if answer.note is None else answer.note.message())
        delta, handed, seen = (part.array() for part in (found.delta, found.handed, found.read))
        if row.input is None or handed.shape != dims(row.input):
            return Absent(Message("The values are on their way."))
        self._found = found
        batch = Batch(found.x.array(), found.deltas.array(), found.factor)
        if not quantity.learns:
            flow = batch_norm_in_training(layer, batch, row.input, place)
            limits = (limit_of(delta), 1.0, limit_of(handed))
            return WorkedBack(
                row, quantity, place, flow, float(handed[place]), delta, handed, handed,
                limits=limits,
            )  # fmt: skip
        gradients = {gradient.name: gradient.array() for gradient in found.gradients}
        result = gradients.get(quantity.name)
        if result is None or result.shape != row.parameters[quantity.name]:
            return Absent(Message("The values are on their way."))
        flow = batch_norm_gradient_in_training(layer, batch, quantity.name, row.input, place[0])
        limits = (limit_of(delta), limit_of(seen), limit_of(result))
        return WorkedBack(
            row, quantity, place, flow, float(result[place]), delta, seen, result, limits=limits
        )

    def remark(self) -> str:
        """Which batch it was."""
        if self._found is None:
            return ""
        return tr(
            "As in a step of training, with this image (0) and {n} training images as the batch, "
            "whose mean loss is {loss:.3g}.",
            n=self._found.x.shape[0] - 1,
            loss=self._found.loss,
        )

    def cancel(self) -> None:
        """Nothing more is wanted."""
        self._engine.studies.cancel(TRAINING_SLOT)
