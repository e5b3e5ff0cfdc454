"""The present run as the engine tells it: how it stands, its curves, and what is odd about it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import Examined, Progress
from cnnviz.message import Message
from ui.charts.curve import Recording
from ui.layer_history import LayerHistory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnviz.confusion import Examination
    from cnnviz.runs import Curve, KeptRun, Point

SPLITS = ("train", "validation", "test")
"""The images that are measured on; of those for validation there are often none."""
MEASURED = ("loss", "accuracy")
"""What a point of the curves says."""
MOST_REMEMBERED = 8
"""Runs whose layers are remembered: of a large network some megabytes each."""


def no_curves() -> Mapping[str, Recording]:
    """The curves of a run before its first step: those of `SPLITS` with the lines of `MEASURED`,
    and "rate" with the learning rate, as often as it was told."""
    measured = {split: Recording(*MEASURED) for split in SPLITS}
    return MappingProxyType({**measured, "rate": Recording("rate")})


def extend(curves: Mapping[str, Recording], message: Progress) -> None:
    """Make the curves of a run longer by what the engine tells of it."""
    for split in SPLITS:
        points: list[Point] = getattr(message, split)
        curves[split].append(
            [point.step for point in points],
            {
                "loss": [point.loss for point in points],
                "accuracy": [point.accuracy for point in points],
            },
        )
    rates, step = curves["rate"], message.step + 1  # the rate that is told is that of the next step
    known = rates.lines["rate"].last
    if message.learning_rate is not None and (known is None or step > known[0]):
        rates.append([step], {"rate": [message.learning_rate]})


class RunView(QObject):
    """Keeps the newest progress of one run and all points of its curves."""

    progress_changed = Signal(object)
    curves_changed = Signal()
    curves_cleared = Signal()
    examined = Signal()
    """The answers to all test images are others now, or none."""
    measured = Signal()
    """There are newer figures of the layers."""
    warned = Signal(object)
    """Something is odd about the run, or None: nothing is any more."""
    left = Signal()
    """The weights are not those of the run any more, which cannot be gone on with."""
    failed = Signal(object)
    """The run has ended in trouble, which this message explains."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress: Progress | None = None
        self.curves = no_curves()
        self.layers = LayerHistory()
        self._layers_of: dict[str, LayerHistory] = {}
        self.examination: Examination | None = None
        self._warning: Message | None = None
        self._run = -1
        self._adopted = False
        """Whether the next run to be told of is the one whose curves are here already."""

    @property
    def training(self) -> bool:
        """Whether it is loading its data or running."""
        return self.progress is not None and self.progress.state in ("loading", "running")

    @property
    def paused(self) -> bool:
        """Whether it waits to be gone on with."""
        return self.progress is not None and self.progress.state == "paused"

    def forget(self) -> None:
        """The weights are not those of the run any more: its curves go with it."""
        self._run = -1
        self._adopted = False
        self.progress = None
        self._clear()
        self._warn(None)
        self.left.emit()

    def adopt(self, run: KeptRun) -> None:
        """The next run that the engine tells of goes on with this one."""
        self.recall(run)
        self._adopted = True

    def recall(self, run: KeptRun) -> None:
        """Show how a run went that is over, or is not told of yet."""
        self._clear()
        for split in SPLITS:
            curve: Curve = getattr(run, split)
            self.curves[split].append(
                curve.steps,
                {"loss": curve.loss, "accuracy": curve.accuracy},
                {"loss": curve.mean_loss, "accuracy": curve.mean_accuracy},
            )
        self.layers = self._layers_of.get(run.id, self.layers)
        self.examination = run.examination
        self.curves_changed.emit()
        self.examined.emit()
        self.measured.emit()

    def remember(self, run: str) -> None:
        """Keep how the layers were in the run of this id, for when it is recalled; of the newest
        runs, as long as the program runs."""
        self._layers_of.pop(run, None)
        self._layers_of[run] = self.layers
        while len(self._layers_of) > MOST_REMEMBERED:
            del self._layers_of[next(iter(self._layers_of))]

    def forget_layers(self) -> None:
        """Another project is open, whose runs have the same ids."""
        self._layers_of.clear()

    def lost(self) -> None:
        """The engine is gone, and another one counts its runs anew."""
        self._run = -1
        if self.progress is not None:
            self.progress = _ended(self.progress)
            self.progress_changed.emit(self.progress)

    def take(self, message: Progress) -> bool:
        """What the engine says; whether it is of this run."""
        if message.run != self._run and message.state in ("loading", "running"):
            self._run = message.run
            if not self._adopted:
                self._clear()
            self._adopted = False
        if message.run != self._run:
            return False
        extend(self.curves, message)
        self.layers.add(message.figures)
        self.progress = message
        if message.train or message.test or message.validation:
            self.curves_changed.emit()
        self.progress_changed.emit(message)
        if message.figures:
            self.measured.emit()
        return True

    def judge(self, message: Progress) -> None:
        """What is odd about the run, or wrong with it."""
        warning = message.warning.message() if message.warning else None
        if message.state == "failed" and message.explanation is not None:
            what = message.explanation.message()
            self.failed.emit(Message("{what} {more}", what=what, more=warning) if warning else what)
        else:
            self._warn(warning)

    def take_examination(self, message: Examined) -> None:
        """The answers to all test images."""
        if message.run == self._run:
            self.examination = message.answers.examination()
            self.examined.emit()

    def _clear(self) -> None:
        self.curves = no_curves()
        self.layers = LayerHistory()
        self.examination = None
        self.curves_cleared.emit()
        self.examined.emit()

    def _warn(self, warning: Message | None) -> None:
        if warning != self._warning:
            self._warning = warning
            self.warned.emit(warning)


def _ended(progress: Progress) -> Progress:
    return Progress(
        progress.revision,
        progress.run,
        "stopped",
        progress.step,
        progress.steps,
        progress.epoch,
        progress.epochs,
        progress.batch,
        progress.batches,
        progress.loss,
        None,
        None,
    )
