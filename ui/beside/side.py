"""One side of the comparison: what is chosen, the maps, and the prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.export.comparison import name_of
from cnnviz.layers import Maps, Vector
from cnnviz.network import INPUT_UID
from ui.beside.question import Question
from ui.i18n import class_names, language, shape_text, text, tr
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.fields import ChoiceField
from ui.widgets.folding import folded
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.runs import KeptRun
    from cnnviz.runs.moments import Moment
    from ui.engine_client import EngineClient
    from ui.session import Session


class Side(QWidget):
    """Choices of an input, weights and a layer, and what the network makes of them."""

    edited = Signal()
    """Something else has been chosen."""

    def __init__(self, slot: str, session: Session, engine: EngineClient) -> None:
        super().__init__()
        self._session, self._engine = session, engine
        self.question = Question(slot, engine, self)
        self.input, self.run, self.step, self.layer = (ChoiceField() for _ in range(4))
        self.input.set_value("present")
        self.run.set_value("")
        self.layer.set_value(session.selection)
        self._titles = [Label("", "label") for _ in range(3)]
        self.grid, self.bars = MapGrid(), PredictionBars()
        self.message = Label("", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.holder = QWidget()
        self._stack = QStackedLayout(self.holder)
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.message)
        self._choices = QGridLayout()
        for row, (title, field) in enumerate(
            zip(self._titles, (self.input, self.run, self.layer), strict=True)
        ):
            self._choices.addWidget(title, row, 0)
            if field is not self.run:
                self._choices.addWidget(field, row, 1)
        self._weights = QHBoxLayout()
        self._weights.addWidget(self.run, 1)
        self._weights.addWidget(self.step, 1)
        self._choices.addLayout(self._weights, 1, 1)
        self._choices.setColumnStretch(1, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._choices)
        self._column.addWidget(self.holder, 1)
        self._column.addWidget(self.bars)
        for field in (self.input, self.step, self.layer):
            field.edited.connect(lambda _: self.edited.emit())
        self.run.edited.connect(self._choose_run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def moment(self) -> Moment | None:
        """The chosen weights of a run; None for the present ones."""
        run, step = self._run(), self.step.value()
        if run is None or step not in run.kept_steps:
            return None
        return run.moment(step)

    @property
    def maps(self) -> NDArray[np.float32] | None:
        """(maps, height, width), a vector folded; None while there are none."""
        found = self.question.found
        if found is None:
            return None
        values = found.maps.array()
        return values if values.ndim == 3 else folded(values)[None]

    @property
    def shape(self) -> str:
        """Height, width and channels of what is there, or its length."""
        found = self.question.found
        if found is None:
            return ""
        shape = found.maps.shape
        if len(shape) == 1:
            return shape_text(Vector(*shape))
        channels, height, width = shape
        return shape_text(Maps(height, width, channels))

    @property
    def grey(self) -> bool:
        """Whether they are greys, and no numbers with a sign."""
        found = self.question.found
        if found is None or found.maps.uid != INPUT_UID:
            return False
        return (found.low, found.high) == (0, 1)

    def title(self) -> str:
        """Which side it is, and of which layer."""
        return f"{self.accessibleName()} {self.layer.currentText()}"

    def around(self) -> tuple[int, int]:
        """Pixels above and below the maps."""
        place = self.holder.geometry()
        return place.top(), self.height() - 1 - place.bottom()

    def ask(self, present: NDArray[np.uint8], kept: NDArray[np.uint8] | None) -> None:
        """Ask what is chosen; the answer comes to `question`."""
        chosen = kept if self.input.value() == "kept" and kept is not None else present
        self.question.ask(chosen, self.layer.value(), self.moment)

    def show_maps(self, limit: float) -> None:
        """Show what has been found in colours that end at `limit`."""
        found, maps = self.question.found, self.maps
        if found is None or maps is None:
            return
        self.grid.set_maps(maps, limit, grey=self.grey)
        self._stack.setCurrentWidget(self.grid)
        names = class_names(self._session.dataset)
        fits = len(names) == len(found.probabilities)
        self.bars.set_probabilities(found.probabilities if fits else None)

    def show_message(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.message.setText(sentence)
        self._stack.setCurrentWidget(self.message)
        self.bars.set_probabilities(None)

    def refresh(self, *, kept: bool) -> None:
        """Offer what there is: layers, runs and their steps, and whether an input is kept."""
        inputs = [("present", tr("The present one"))]
        if kept:
            inputs.append(("kept", tr("The kept one")))
        elif self.input.value() == "kept":
            self.input.set_value("present")
        _offer(self.input, inputs)
        rows = [row for row in self._session.report.rows if row.output is not None and not row.off]
        layers = [(INPUT_UID, tr("Input"))]
        layers += [(row.layer.uid, f"{n}  {name_of(row, text)}") for n, row in enumerate(rows, 1)]
        if self.layer.value() not in {uid for uid, _ in layers}:
            self.layer.set_value(INPUT_UID)
        _offer(self.layer, layers)
        runs = [run for run in self._session.runs.all if self._engine.time.obstacle_of(run) is None]
        offered = [(run.id, _title(run)) for run in reversed(runs)]
        if self.run.value() not in {"", *(run.id for run in runs)}:
            self.run.set_value("")
        _offer(self.run, [("", tr("The present ones")), *offered])
        self._refresh_steps()
        self.bars.set_labels(class_names(self._session.dataset))

    def retranslate(self) -> None:
        """Set all texts."""
        for label, field, words in zip(
            self._titles,
            (self.input, self.run, self.layer),
            (tr("Input"), tr("Weights"), tr("Layer")),
            strict=True,
        ):
            label.setText(words)
            field.setAccessibleName(self._named(words))
        self.step.setAccessibleName(self._named(tr("Step of the run")))
        self.grid.setAccessibleName(self._named(tr("Maps")))
        self.bars.set_name(self._named(tr("Prediction")))

    def _named(self, words: str) -> str:
        """With the side: what stands on both has another name on each."""
        side = self.accessibleName()
        return tr("{side}: {what}", side=side, what=words) if side else words

    def _run(self) -> KeptRun | None:
        return self._session.runs.get(self.run.value()) if self.run.value() else None

    def _choose_run(self, _: str) -> None:
        run = self._run()
        self.step.set_value(run.kept_steps[-1] if run is not None and run.kept_steps else None)
        self._refresh_steps()
        self.edited.emit()

    def _refresh_steps(self) -> None:
        run = self._run()
        self.step.setVisible(run is not None)
        if run is not None:
            steps = run.kept_steps
            if self.step.value() not in steps:
                self.step.set_value(steps[-1] if steps else None)
            _offer(self.step, [(step, tr("Step {step:,}", step=step)) for step in steps])

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._weights.setSpacing(theme.px(8))
        self._choices.setHorizontalSpacing(theme.px(8))
        self._choices.setVerticalSpacing(theme.px(4))
        self.bars.setMaximumHeight(theme.px(190))


def _title(run: KeptRun) -> str:
    return run.title if isinstance(run.title, str) else text(run.title)


def _offer(field: ChoiceField, choices: list[tuple[Any, str]]) -> None:
    """Other choices only where they are others: an open list stays open."""
    there = [(field.itemData(n), field.itemText(n)) for n in range(field.count())]
    if there != choices:
        field.set_choices(choices)
