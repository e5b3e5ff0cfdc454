"""Random edits, undone and redone: the same project in the end, and the same picture."""

from __future__ import annotations

from inspect import getsource, isfunction
from math import prod
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication

from cnnviz.layers import Branches, fields_of
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network
from cnnviz.project import Project
from cnnviz.runs import KeptRun
from tests.support.networks import values_of
from tests.ui.canvas.support import SMALL, canvas_of, picture_of, show
from tests.ui.rearranging import KINDS, NESTED, places, present
from ui.i18n import language
from ui.session import Session
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from cnnviz.analysis import TensorKey
    from cnnviz.network import Place
    from cnnviz.project import Weights
    from ui.canvas.canvas import Canvas

EXAMPLES = 500
SIZES = [(360, 250), (1000, 520)]
FAR = 0.2
"""A zoom at which no card is an item any more, and all of the network is painted at once."""
NUMBERS = st.integers(0, 99)
LISTS = st.lists(NUMBERS, min_size=1, max_size=3)


def settle(canvas: Canvas) -> None:
    """Let it end what it has begun."""
    slide = canvas._stage._slide._clock
    slide.setCurrentTime(slide.duration())
    QApplication.processEvents()


def picture(canvas: Canvas) -> QImage:
    """What it looks like in the end."""
    settle(canvas)
    return canvas.grab().toImage()


EDITS = (
    "insert", "delete", "duplicate", "move", "wrap", "unwrap", "add_branch", "remove_branch",
    "merge", "disable", "freeze", "set_input", "rename", "fix", "paste", "menu", "quick_start",
)  # fmt: skip
"""Methods of the machine below."""
PREPARATIONS = ("training", "data set", "preparation", "seed", "reset", "renew", "take", "paint")


class Machine(RuleBasedStateMachine):
    """A person at the canvas, who also trains, looks elsewhere, and changes the looks."""

    made: list[Canvas]

    @initialize(
        network=st.sampled_from([NESTED, SMALL, Network()]),
        size=st.sampled_from(SIZES),
        edits=st.lists(st.tuples(st.sampled_from(EDITS), LISTS, NUMBERS), min_size=2, max_size=8),
    )
    def begin(
        self, network: Network, size: tuple[int, int], edits: list[tuple[str, list[int], int]]
    ) -> None:
        self.dress(dark=False, scale=1.0, chinese=False)  # whatever was before
        # Else Paste in a menu takes what an example before has copied, and the same draws make
        # another network.
        QGuiApplication.clipboard().clear()
        self.session, self.canvas = self._shown(Project(network))
        self.canvas.resize(*size)
        self.start = self.session.project
        self.start_weights: dict[TensorKey, np.ndarray] = dict(self.session.state.weights)
        self.number = 0
        for edit in edits:
            self.edit(*edit)

    def _shown(self, project: Project) -> tuple[Session, Canvas]:
        session, canvas = canvas_of(project.network, *SIZES[0])
        if project != session.project:
            session.open(project, {}, None)
        # Left alone, Qt gives the keyboard to a button of the bubble where a window is shown with
        # one, and to nothing where the bubble comes later.
        canvas.setFocus()
        self.made.append(canvas)
        return session, canvas

    # --- edits --------------------------------------------------------------------------------

    @rule(edit=st.sampled_from(EDITS), which=LISTS, where=NUMBERS)
    def edit(self, edit: str, which: list[int], where: int) -> None:
        """Layers come, go and move; what cannot be done now is left alone."""
        uids = present(self.session)
        chosen = list(dict.fromkeys(uids[number % len(uids)] for number in which if uids))
        if chosen:
            self.session.select(*chosen)  # as a person does, who then acts upon it
        if chosen or edit in {"insert", "set_input", "rename", "quick_start"}:
            getattr(self, edit)(chosen, which, where)

    def insert(self, _chosen: list[str], which: list[int], where: int) -> None:
        self.session.insert([KINDS[number % len(KINDS)] for number in which], self._place(where))

    def delete(self, chosen: list[str], _which: list[int], _where: int) -> None:
        self.session.delete(*chosen)

    def duplicate(self, chosen: list[str], _which: list[int], _where: int) -> None:
        self.session.duplicate(*chosen)

    def move(self, chosen: list[str], _which: list[int], where: int) -> None:
        self.session.move(chosen, self._place(where))

    def wrap(self, chosen: list[str], _which: list[int], _where: int) -> None:
        self.session.wrap(chosen[0])

    def unwrap(self, _chosen: list[str], _which: list[int], where: int) -> None:
        if block := self._block(where):
            self.session.unwrap(block.uid)

    def add_branch(self, _chosen: list[str], _which: list[int], where: int) -> None:
        if block := self._block(where):
            self.session.add_branch(block.uid)

    def remove_branch(self, _chosen: list[str], which: list[int], where: int) -> None:
        block = self._block(where)
        if block and len(block.branches) > 1:
            self.session.remove_branch(block.uid, which[0] % len(block.branches))

    def merge(self, _chosen: list[str], which: list[int], where: int) -> None:
        if block := self._block(where):
            how = ("add", "concat", "multiply")[which[0] % 3]
            self.session.set_field(block.uid, "merge", how)

    def disable(self, chosen: list[str], _which: list[int], where: int) -> None:
        self.session.set_enabled(*chosen, enabled=where % 2 == 0)

    def freeze(self, chosen: list[str], which: list[int], where: int) -> None:
        """A filter keeps what it has learned, where there is one."""
        layer = self.session.network.layer(chosen[0])
        number = which[0] % getattr(layer, "filters", 1)
        self.session.freeze_filter(layer.uid, number, frozen=where % 2 == 0)

    def set_input(self, _chosen: list[str], which: list[int], where: int) -> None:
        self.session.set_input(Input(which[0] % 40 + 1, which[-1] % 40 + 1, where % 3 + 1))

    def rename(self, _chosen: list[str], _which: list[int], where: int) -> None:
        self.session.rename(("", "A", "Another name")[where % 3])

    def fix(self, _chosen: list[str], which: list[int], where: int) -> None:
        problems = self.session.report.problems
        fixes = problems[where % len(problems)].fixes if problems else ()
        if fixes:
            self.session.fix(fixes[which[0] % len(fixes)])

    def paste(self, chosen: list[str], which: list[int], where: int) -> None:
        """By the clipboard; what was copied is cut out now and then."""
        commands = self.canvas._commands
        (commands.cut if which[0] % 2 else commands.copy).trigger()
        uids = [INPUT_UID, *present(self.session)]
        self.session.select(uids[where % len(uids)])
        commands.paste.trigger()

    def menu(self, chosen: list[str], _which: list[int], where: int) -> None:
        """Whatever else the menus can do with a selection on the canvas."""
        commands = self.canvas._commands
        able = [action for action in commands.findChildren(QAction) if action.isEnabled()]
        able[where % len(able)].trigger()

    def quick_start(self, _chosen: list[str], _which: list[int], _where: int) -> None:
        self.session.quick_start()

    @precondition(lambda self: self.session.network.layers)
    @rule(which=NUMBERS, field=NUMBERS, data=st.data())
    def set_field(self, which: int, field: int, data: st.DataObject) -> None:
        uids = present(self.session)
        layer = self.session.network.layer(uids[which % len(uids)])
        if fields := fields_of(type(layer)):
            chosen = fields[field % len(fields)]
            self.session.set_field(layer.uid, chosen.name, data.draw(values_of(chosen)))

    def _place(self, number: int) -> Place:
        everywhere = places(self.session.network)
        return everywhere[number % len(everywhere)]

    def _block(self, number: int) -> Branches | None:
        walk = self.session.network.walk()
        blocks = [layer for _, layer in walk if isinstance(layer, Branches)]
        return blocks[number % len(blocks)] if blocks else None

    # --- the rest of the project --------------------------------------------------------------

    @rule(what=st.sampled_from(PREPARATIONS), n=NUMBERS)
    def prepare(self, what: str, n: int) -> None:
        """How to train, and from where."""
        session = self.session
        if what == "training":
            training = msgspec.structs.replace(session.project.training, epochs=n + 1)
            session.set_training(training, Message("Epochs"))
        elif what == "data set":
            session.set_dataset(("mnist", "toy_shapes", "cifar10")[n % 3])
        elif what == "preparation":
            scaling = ("unit", "standardised")[n % 2]
            preparation = msgspec.structs.replace(session.project.preparation, scaling=scaling)
            session.set_preparation(preparation, Message("Scaling"))
        elif what == "seed":
            session.set_seed(n)
        elif what == "reset":
            session.reset_weights()
        elif what == "renew":
            session.renew_weights()
        elif what == "paint":
            weights = {key: self._values(key[2]) for key in self._keys()[:1]}
            session.paint(weights, Message("Paint a kernel"))
        else:
            weights = {key: self._values(key[2]) for key in self._keys()[-2:]}
            session.take_weights(session.project, weights, Message("Import weights"))

    @rule(what=st.sampled_from(["begin", "rename", "note", "delete", "again"]), n=NUMBERS)
    def keep_runs(self, what: str, n: int) -> None:
        """A run that is kept, and what is said of it."""
        session, runs = self.session, self.session.runs
        if what == "begin" or not runs.all:
            runs.begin(KeptRun(runs.new_id(), 1e9, session.project, state="finished"))
            return
        run = runs.all[n % len(runs.all)].id
        if what == "rename":
            session.rename_run(run, f"Run {n}")
        elif what == "note":
            session.note_run(run, f"Note {n}")
        elif what == "delete":
            session.delete_runs(run)
        else:
            session.run_again(run)

    @rule(begin=st.booleans(), count=st.integers(0, 3))
    def train(self, begin: bool, count: int) -> None:
        """A run, or what is left of one, tells what it has learned."""
        if begin:
            self.session.begin_training()
        state = self.session.state
        tensors = {key: self._values(key[2]) for key in self._keys()[:count]}
        self.session.learned(state.revision, tensors)
        if self.session.undo_label is None:
            self.start_weights |= tensors

    def _keys(self) -> list[TensorKey]:
        return sorted(key for key in self.session.report.tensor_keys() if prod(key[2]) < 1000)

    def _values(self, shape: tuple[int, ...]) -> np.ndarray:
        self.number += 1
        return np.full(shape, self.number, np.float32)

    # --- back and forth -----------------------------------------------------------------------

    @rule(steps=st.integers(-4, 4))
    def undo_and_redo(self, steps: int) -> None:
        """Back or forth."""
        for _ in range(abs(steps)):
            (self.session.undo if steps < 0 else self.session.redo)()

    @rule()
    def end_field(self) -> None:
        self.session.end_field()

    # --- looking ------------------------------------------------------------------------------

    @rule(which=LISTS, fold=st.booleans())
    def select(self, which: list[int], fold: bool) -> None:
        """Jump to a layer and take others that are seen; fold a block or show its lanes again."""
        uids = [INPUT_UID, *present(self.session)]
        seen = [uid for uid in uids if uid in self.canvas.arrangement.boxes]
        others = [seen[number % len(seen)] for number in which[1:]]
        self.session.select(uids[which[0] % len(uids)], *others)
        if fold and (block := self._block(which[0])) and block.uid in self.canvas._roster.titles:
            self.canvas.toggle_fold(block.uid)

    @rule(zoom=st.sampled_from([FAR, 0.5, 1.0, 1.3]), along=NUMBERS)
    def look_elsewhere(self, zoom: float, along: int) -> None:
        self.canvas.set_zoom(zoom)
        bar = self.canvas.horizontalScrollBar()
        bar.setValue(bar.minimum() + (bar.maximum() - bar.minimum()) * along // 99)

    @rule(where=NUMBERS)
    def drag_over(self, where: int) -> None:
        """Something is held over a place, and carried away again."""
        place = self._place(where)
        if place.block and place.block not in self.canvas.arrangement.frames:
            return  # in a folded block, where nothing can be held over
        self.canvas.open_gap(place, 90, 120)
        self.canvas.grab()
        self.canvas.open_gap(None)

    @rule(milliseconds=st.sampled_from([0, 40, 90]))
    def time_passes(self, milliseconds: int) -> None:
        """What waits is done, what slides is somewhere in between, and all is painted."""
        slide = self.canvas._stage._slide._clock
        slide.setCurrentTime(slide.currentTime() + milliseconds)
        QApplication.processEvents()
        self.canvas.grab()

    @rule(seed=NUMBERS)
    def values_arrive(self, seed: int) -> None:
        show(self.canvas, picture_of(self.session.report, seed))

    @rule(width=st.sampled_from([360, 520]), height=st.sampled_from([250, 330]))
    def resize(self, width: int, height: int) -> None:
        self.canvas.resize(width, height)

    @rule(dark=st.booleans(), scale=st.sampled_from([1.0, 1.5]), chinese=st.booleans())
    def dress(self, dark: bool, scale: float, chinese: bool) -> None:
        theme.set_mode("dark" if dark else "light")
        theme.set_scale(scale)
        language.set("zh_CN" if chinese else "en")
        while not theme.settled:  # what is on show is dressed step by step
            QApplication.processEvents()

    # --- in the end ---------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self._compare()
            self._there_and_back()
        finally:
            for canvas in self.made:
                canvas.close()
                canvas.deleteLater()
            self.made.clear()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _compare(self) -> None:
        """A canvas of the present project looks the same as the one that has followed all edits."""
        followed, session = self.canvas, self.session
        fresh_session, fresh = self._shown(session.project)
        fresh_session.select(session.selection, *session.selected)
        if (branch := session.empty_branch) is not None:
            fresh_session.select_branch(branch.block, branch.branch)
        fresh.resize(followed.size())
        fresh._fold(set(followed.folded))
        if followed.zoom != FAR:
            # At this one a card stands at whole pixels wherever it stands. At others it is between
            # them, and Qt keeps its picture for a place to the left or right of that.
            followed.set_zoom(1.0)
        fresh.set_zoom(followed.zoom)
        for canvas in (followed, fresh):
            show(canvas, picture_of(session.report))
            settle(canvas)
        for bar, other in (
            (fresh.horizontalScrollBar(), followed.horizontalScrollBar()),
            (fresh.verticalScrollBar(), followed.verticalScrollBar()),
        ):
            assert (bar.minimum(), bar.maximum()) == (other.minimum(), other.maximum())
            bar.setValue(other.value())
        assert fresh.arrangement.boxes == followed.arrangement.boxes
        assert fresh.arrangement.frames == followed.arrangement.frames
        assert fresh.accessibleDescription() == followed.accessibleDescription()
        assert not different(picture(fresh), picture(followed))
        for zoom in (0.7, FAR):
            for canvas in (fresh, followed):
                canvas.set_zoom(zoom)
                canvas.horizontalScrollBar().setValue(canvas.horizontalScrollBar().minimum())
                canvas.verticalScrollBar().setValue(canvas.verticalScrollBar().minimum())
            assert not different(picture(fresh), picture(followed))

    def _there_and_back(self) -> None:
        """Undoing everything leads to the start, redoing everything to the end."""
        session, steps = self.session, []
        while session.redo_label is not None:
            session.redo()
        end, end_picture = session.state, self._whole_picture()
        while session.undo_label is not None:
            steps.append(session.state)
            session.undo()
        assert session.project == self.start
        assert same(session.state.weights, self.start_weights)
        self._compare()
        for step in reversed(steps):
            session.redo()
            assert session.project == step.project
            assert same(session.state.weights, step.weights)
        assert session.redo_label is None
        assert session.project == end.project
        assert same(session.state.weights, end.weights)
        assert not different(self._whole_picture(), end_picture)

    def _whole_picture(self) -> QImage:
        """The whole network from above, with nothing selected but the input."""
        self.session.select(INPUT_UID)
        self.canvas.unfold_all()
        show(self.canvas, picture_of(self.session.report))
        settle(self.canvas)
        self.canvas.set_zoom(1.0)
        for bar in (self.canvas.horizontalScrollBar(), self.canvas.verticalScrollBar()):
            bar.setValue(bar.minimum())
        return picture(self.canvas)


def different(one: QImage, other: QImage) -> str:
    """Where two pictures differ; empty where they are the same."""
    if one == other:
        return ""
    if one.size() != other.size():
        return f"{one.size()} and {other.size()}"
    apart = (pixels(one) != pixels(other)).any(axis=2)
    rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
    return f"{apart.sum()} pixels in {columns[0]}–{columns[-1]}, {rows[0]}–{rows[-1]}"


def pixels(image: QImage) -> np.ndarray:
    """(height, width, 4)"""
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)


def same(weights: Weights, others: Weights) -> bool:
    """Whether the same tensors have the same values."""
    return weights.keys() == others.keys() and all(
        np.array_equal(values, others[key]) for key, values in weights.items()
    )


@pytest.mark.usefixtures("dressed")
def test_random_edits_end_in_the_same_project_and_the_same_picture() -> None:
    Machine.made = []
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            report_multiple_bugs=False,  # to make one example small takes long enough
        ),
    )


def test_no_command_of_the_session_is_forgotten() -> None:
    source = getsource(Machine)
    commands = {name for name, value in vars(Session).items() if isfunction(value)}
    for name in commands - {"apply", "edit", "place_after", "paste"}:  # what the others rest upon
        assert name.startswith("_") or f"session.{name}" in source, name
