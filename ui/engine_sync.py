"""Keeps the engine in step with the session: starts it, hears what it says, brings it back.

The session is the one that knows; what the engine has learned comes back to it as snapshots.
"""

from __future__ import annotations

import time
from math import inf
from typing import TYPE_CHECKING

from cnnviz.arithmetic.sources import sources_of
from cnnviz.augmentation import plain
from cnnviz.engine.protocol import (
    Examined,
    Explained,
    Failed,
    FromEngine,
    Passed,
    Probe,
    Probed,
    Progress,
    Ready,
    Resume,
    Settings,
    Snapshot,
    Studied,
    Tensor,
    ToEngine,
    UseThreads,
)
from cnnviz.message import Message
from ui import settings
from ui.engine_link import EngineLink
from ui.engine_state import EngineState
from ui.holdings import Holdings, same_network
from ui.picture import blank, picture_of

if TYPE_CHECKING:
    from ui.session_state import Change

OVERTAKEN = 8
"""So many looks may wait for the end of a step: what a hand draws while a usual one is made."""
RESTARTS = 3
RESTART_SECONDS = 60.0
"""So many deaths in so short a time mean that starting again does not help."""


class EngineSync(EngineState):
    """The engine process, which holds what the session has, whatever is done to either."""

    def start(self) -> None:
        """Start the engine process."""
        if self._link is not None:
            return
        self._link = EngineLink(self)
        self._link.received.connect(self._receive)
        self._link.lost.connect(self._lost)
        self._link.start()

    def close(self) -> None:
        """End the engine process and its threads."""
        link, self._link, self._ready = self._link, None, None
        if link is not None:
            link.received.disconnect(self._receive)
            link.lost.disconnect(self._lost)
            link.close()

    # --- in step with the session -------------------------------------------------------------

    def _follow(self, change: Change) -> None:
        old, new = change.old.project, change.new.project
        prepared_alike = new.preparation == old.preparation
        if change.opened:
            self._book.forget()
            self._run.forget_layers()
        if new.training != old.training or not prepared_alike:
            self._say(Settings(new.training, new.preparation))
        if plain(new.preparation) != plain(old.preparation):
            # What has been answered was about images that are seen otherwise now.
            self._explanations.forget()
            self._studies.forget()
            self._probe()
        if self._goes_on(change):
            if new.seed != old.seed and not (self.training or self.paused):
                self._load(edit=True)
            return
        if change.opened:  # until the engine has built it, there is nothing to be seen
            self._picture = blank(change.new.revision)
            self.probed.emit(self._picture)
        else:
            self._session.runs.stand(None)
        if new.dataset != old.dataset:
            self._run.forget()  # its curves and mistakes are those of other images
        self._load(edit=change.edit)
        if change.opened:
            self._resume()
        elif not change.edit:
            self._recall()
        self._probe()

    def _expect(self) -> None:
        """A run is about to begin."""
        self._book.expect(self.device or "", self.threads)

    def _recall(self) -> None:
        """Undo and redo lead back to what a run had learned: its curves come with it."""
        run = self._book.run_of(self._session.state)
        if run is not None and same_network(run.project, self._session.project):
            self._run.recall(run)

    def _resume(self) -> None:
        """Where a run stands, let the engine stand there too."""
        standing = self._session.runs.standing
        if self._ready is None or standing is None:
            return
        run = self._book.expect_again(standing, self._revision)
        if run is None:
            return
        self._run.adopt(run)
        self._holdings.train()
        memory = [Tensor.of(uid, name, array) for (uid, name, _), array in standing.memory.items()]
        self._say(Resume(self._revision, standing.place, memory))

    def _goes_on(self, change: Change) -> bool:
        """Whether the engine has the new state already, or goes on learning for it."""
        old, new = change.old, change.new
        if not same_network(old.project, new.project):
            return False
        if change.edit:
            return True
        if self._holdings.learning:  # for the state that is trained, and those that carry on
            later = new if new.revision > old.revision else old
            return later.carries and new.revision >= self._revision
        keys = change.report.tensor_keys()
        return all(new.weights.get(key) is old.weights.get(key) for key in keys)

    def _load(self, *, edit: bool) -> None:
        """Make the session's network the engine's, if it is not yet."""
        if self._ready is None:
            return
        load = self._holdings.load(self._session.state, self._session.report, edit=edit)
        if load is None:
            return
        if not edit:
            self._run.forget()
        self._revision = load.revision
        self._time.forget()
        self._say(load)

    def _probe(self) -> None:
        """Ask for a picture: one request under way, one waiting, always for what is newest.

        While a step is made a newer one overtakes those that wait for its end: else what is drawn
        then would be seen two steps later. Only the newest of them is answered.
        """
        most = OVERTAKEN if self.training else 1
        if self._ready is None or self._probes - self._answered >= most:
            self._wanted = True
            return
        self._wanted = False
        self._probes += 1
        data = self._image.tobytes()
        uid, whole, first = self._session.selection, self._whole, self._first
        muted = self._session.muted.maps
        self._say(
            Probe(
                self._probes,
                data,
                *self._size,
                uid,
                whole=whole,
                first=first,
                muted=muted,
                as_trained=self._as_trained,
                sides=self._sides_now(),
            )
        )

    def _sides_now(self) -> dict[str, int]:
        """How large maps on cards are wanted; those as they are that the selected layer reads,
        because they are shown beside it."""
        report, uid = self._session.report, self._session.selection
        read = sources_of(report, uid) if uid in report.places else ()
        near = {source.uid for source in read}
        return {uid: side for uid, side in self._sides.items() if uid not in near}

    def _too_coarse(self) -> bool:
        """Whether larger maps are wanted by now than there are."""
        thinned = self._picture.thinned if self._picture is not None else {}
        there = {uid: values.shape[2] if step else 0 for uid, (values, step) in thinned.items()}
        return any(self._sides.get(uid, inf) > across for uid, across in there.items())

    def _present_weights(self) -> tuple[int, int] | None:
        """Their revision and step; None while no question can be asked about them."""
        if self._ready is None or self._picture is None:
            return None
        return self._revision, self._picture.step

    def _say(self, message: ToEngine) -> None:
        if self._link is not None and self._ready is not None:
            self._link.send(message)

    # --- what the engine says -----------------------------------------------------------------

    def _receive(self, message: FromEngine) -> None:
        match message:
            case Probed():
                self._take_picture(message)
            case Explained():
                self._explanations.take(message)
            case Studied():
                self._studies.take(message)
            case Progress():
                self._take_progress(message)
            case Examined():
                self._run.take_examination(message)
                self._book.take_examination(message)
            case Passed():
                self._book.take_moment(message)
            case Snapshot():
                self._take_snapshot(message)
            case Ready():
                self._take_ready(message)
            case Failed(reason):
                self._begins = None
                self._book.refused()
                self._time.refused()
                self.trouble.emit(reason.message())

    def _take_ready(self, message: Ready) -> None:
        first = self._ready is None
        moved = self._ready is None or self._ready.device != message.device
        self._ready = message
        self._explanations.forget()
        self._studies.forget()
        if moved:
            self._time.forget()
        if first:
            self._answered = self._probes
            self._holdings = Holdings()
            if settings.threads() != (0, 0):
                self._say(UseThreads(*settings.threads()))
            self._load(edit=True)
            self._resume()
        self._probe()
        self.ready.emit(message)
        if message.note is not None:
            self.trouble.emit(message.note.message())

    def _take_picture(self, message: Probed) -> None:
        self._answered = max(self._answered, message.id)
        if message.revision == self._revision:
            # Without a layer it is of a network that the engine cannot build.
            report = self._session.report
            whole = bool(message.layers)
            self._picture = picture_of(message, report) if whole else blank(message.revision)
            self.probed.emit(self._picture)
            self._time.pictured(message.step)
        if self._wanted or self._too_coarse():
            self._probe()

    def _take_progress(self, message: Progress) -> None:
        run = self._book.run
        self._book.take(message)
        if message.revision == self._begins:
            self._begins = None
        if message.revision != self._revision and message.state in ("loading", "running"):
            return
        if not self._run.take(message):
            return
        if message.state == "running":
            if self._ready is not None and self._glances.due(crowded=self._ready.crowded):
                self._probe()
        elif message.state != "loading":
            if run:
                self._run.remember(run)
            self._probe()
            self.settled.emit()
        self._run.judge(message)

    def _take_snapshot(self, message: Snapshot) -> None:
        weights = message.weights()
        self._session.learned(message.revision, weights)
        self._book.take_snapshot(message, weights, present=message.revision == self._revision)
        if self._holdings.learned(weights, self._session.state):
            self._load(edit=True)
            self._probe()

    def _lost(self) -> None:
        """The engine has died: say so, start another, go on from the last snapshot."""
        was_training = self.training
        self.close()
        self._answered, self._wanted, self._begins = self._probes, True, None
        self._run.lost()
        self._book.lost()
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < RESTART_SECONDS] + [now]
        if len(self._deaths) > RESTARTS:
            self.trouble.emit(
                Message(
                    "The engine has stopped {n} times in a minute. Editing and saving still work; "
                    "restart the program to train.",
                    n=len(self._deaths),
                )
            )
            return
        if self._session.runs.standing is not None:
            text = Message(
                "The engine has stopped unexpectedly. Another one is starting; the run stands "
                "where it was a moment ago. Press Resume to continue."
            )
        elif was_training:
            text = Message(
                "The engine has stopped unexpectedly. Another one is starting; the network goes on "
                "from the weights of a moment ago. Press Train to continue."
            )
        else:
            text = Message("The engine has stopped unexpectedly. Another one is starting.")
        self.trouble.emit(text)
        self.start()
