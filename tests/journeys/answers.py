"""What can be asked of the running program: what it shows and says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PySide6.QtWidgets import (
    QApplication,
    QMenu,
    QMessageBox,
    QWidget,
)

from cnnviz.message import Message
from tests.journeys.places import Places, name_of, plain, text_of
from ui.canvas.navigation import branches_of
from ui.i18n import language, text
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

Place = tuple[int, int]
Rectangle = tuple[int, int, int, int]


class Answers(Places):
    """One method a question; where things are is in `Places`."""

    # --- the network and what it does ---------------------------------------------------------

    def layers(self) -> list[tuple[str, str]]:
        """(uid, kind) of each layer of the session's network."""
        return [(layer.uid, layer.kind) for layer in self._window.session.network.layers]

    def cards(self) -> list[dict[str, str]]:
        """What the cards in the canvas say, from left to right, without the input's."""
        canvas = self._window.canvas
        cards = [canvas.card(uid) for uid in canvas.arrangement.boxes if uid != "input"]
        return [
            {
                "uid": card.uid,
                "kind": card.content.icon,
                "title": card.content.title,
                "result": card.content.result,
                "note": card.content.note,
                "status": card.content.status,
            }
            for card in sorted(cards, key=lambda card: card.x())
        ]

    def selection(self) -> str:
        """The uid of the selected layer."""
        return self._window.session.selection

    def open_gap(self) -> tuple[int, str, int] | None:
        """The place at which a gap is open for what is being dragged: index, block, branch."""
        place = self._window.canvas.open_place
        return None if place is None else (place.index, place.block, place.branch)

    def branches(self, uid: str) -> list[list[str]]:
        """The uids in each branch of a block."""
        branches = branches_of(self._window.session.network, uid)
        return [[layer.uid for layer in branch] for branch in branches]

    def selected(self) -> list[str]:
        """The uids of all selected layers."""
        return list(self._window.session.selected)

    def spoken(self) -> str:
        """What the canvas tells screen readers."""
        return self._window.canvas.accessibleDescription()

    def bubble(self) -> dict[str, Any] | None:
        """The explanation of a problem beside its card: headline and ways out."""
        bubble = self._window.canvas.bubble
        if not bubble.isVisible() or bubble.problem is None:
            return None
        fixes = [plain(button.text()) for button in bubble.buttons]
        return {"headline": text(bubble.problem.headline), "fixes": fixes}

    def prediction(self) -> list[float] | None:
        """The probabilities that are shown; None while there are none or newer ones are coming."""
        engine = self._window.engine
        coming = engine._in_flight or engine._wanted
        if coming or engine.picture is None or self._window.session.report.problem is not None:
            return None
        return list(engine.picture.probabilities) or None

    def predicted(self) -> str:
        """What the bars say: the best class with its percentage, or what they wait for."""
        bars = self._window.findChild(PredictionBars)
        assert isinstance(bars, PredictionBars)
        return bars.accessibleDescription()

    def kernels(self) -> str | None:
        """A digest of the selected layer's weights as they are shown; None while none are."""
        picture = self._window.engine.picture
        tensors = {} if picture is None else picture.weights.get(self._window.session.selection, {})
        if not tensors:
            return None
        return hashlib.sha256(
            b"".join(tensors[name].tobytes() for name in sorted(tensors))
        ).hexdigest()

    def worked(self) -> dict[str, Any] | None:
        """What the page of one value says of a sum: the layer, the place, total and remark."""
        page = self._window.inspector.pixel
        if not page.isVisible() or page.worked is None:
            return None
        sums = page.weighted.sums
        return {
            "uid": page.worked.row.layer.uid,
            "place": page.worked.place,
            "total": sums.total(),
            "remark": sums.remark(),
            "agrees": page.worked.agrees,
        }

    def returned(self) -> dict[str, Any] | None:
        """What the page of the way back says: how near, of which layer, what, where, and how it
        compares."""
        page = self._window.inspector.backward
        if not page.isVisible() or page.course is None:
            return None
        worked = page.worked
        return {
            "zoom": page.zoom,
            "tiles": [tile.uid for tile in page.strip.tiles],
            "right": page.rail.loss.text(),
            "uid": "" if worked is None or worked.row is None else worked.row.layer.uid,
            "what": "" if worked is None else worked.quantity.key,
            "place": () if worked is None else worked.place,
            "agrees": worked is not None and worked.agrees,
            "lines": page.value.view.steps.lines(),
            "remark": page.value.view.steps.remark(),
        }

    def slid(self) -> dict[str, Any]:
        """What the sliding picture says, where it is, and what is pointed at everywhere."""
        picture = self._window.inspector.settings.picture
        return {
            "words": picture.accessibleDescription(),
            "place": picture.place,
            "output": picture._boxes["output"].caption.text(),
            "spot": self._window.session.spot.place,
        }

    def opened(self) -> dict[str, Any] | None:
        """The map that is shown large, how near, and what is read."""
        page = self._window.inspector.maps
        if page.open_map is None:
            return None
        return {
            "map": page.open_map,
            "zoom": page.large.map.zoom,
            "reading": page.reading.text(),
            "height": self._window.inspector.height(),
        }

    def explained(self) -> dict[str, Any] | None:
        """What is explained and what the map says of itself; None while there is no map."""
        page, answer = self._window.inspector.why, self._window.engine.explanation
        if not page.isVisible() or not page.map.isVisible() or answer is None:
            return None
        return {
            "method": answer.method,
            "target": answer.target,
            "done": answer.done,
            "step": answer.step,
            "words": page.map.accessibleDescription(),
        }

    def run(self) -> str:
        """The state of the present run; empty where there is none."""
        progress = self._window.engine.progress
        return "" if progress is None else progress.state

    def steps(self) -> int:
        """How many steps the present run has taken."""
        progress = self._window.engine.progress
        return 0 if progress is None else progress.step

    def curves(self) -> tuple[int, int]:
        """How many points the curves of training and test have."""
        engine = self._window.engine
        return len(engine.curves["train"]), len(engine.curves["test"])

    def validated(self) -> int:
        """How many points the curve of what was put aside has."""
        return len(self._window.engine.curves["validation"])

    def prepared(self) -> dict[str, Any]:
        """How the data are prepared, where that is not as by default."""
        return msgspec.to_builtins(self._window.session.project.preparation)

    def losses(self) -> list[float]:
        """The training losses of the present run."""
        return [float(loss) for loss in self._window.engine.curves["train"].lines["loss"].ys]

    def runs(self) -> list[tuple[str, str, int, float]]:
        """The kept runs: name, state, steps, and the loss of the first step."""
        return [
            (text(run.title) if isinstance(run.title, Message) else run.title, run.state, run.step,
             float(run.train.loss[0]) if len(run.train) else 0.0)
            for run in self._window.session.runs.all
        ]  # fmt: skip

    def drawn(self) -> list[str]:
        """The lines that the loss chart has to draw."""
        chart = self._window.outputs.curves.loss
        return [one.series.key for one in chart.painting().lines]

    def differed(self) -> dict[str, list[str]]:
        """The table of what differed between runs, as far as it is on show."""
        differences = self._window.outputs.runs.differences
        if not differences.table.isVisible():
            raise LookupError("the runs are not on show")
        shown = differences.contents()
        lines = [[shown.cell(row, at).text for at in range(len(shown.head))]
                 for row in range(shown.rows)]  # fmt: skip
        return {line[0]: line[1:] for line in lines}

    def looked_at(self) -> int | None:
        """The step whose weights are looked at; None while they are the present ones."""
        return self._window.engine.time.step

    def confused(self) -> tuple[int, int, int] | None:
        """The most frequent mistake on show: the class, what it is taken for, how many images."""
        found = self._window.engine.examination
        if found is None:
            return None
        counts = found.confusion(len(self._window.session.dataset.classes))
        np.fill_diagonal(counts, 0)
        label, predicted = divmod(int(counts.argmax()), len(counts))
        return label, predicted, int(counts[label, predicted])

    def images(self) -> list[str]:
        """What stands below the small images on show, such as those of a cell."""
        shown = [each for each in self._window.findChildren(Thumbnails) if each.isVisible()]
        return [each.item(row).text() for each in shown for row in range(each.count())]

    def measured(self) -> list[str]:
        """The layers that have a line on the page of statistics."""
        page = self._window.inspector.statistics
        if not page.isVisible():
            raise LookupError("the statistics are not on show")
        return [one.series.key for one in page.gradients.painting().lines]

    def zoomed(self) -> list[float]:
        """The first and the last step that the curves show; empty while all are shown."""
        span = self._window.outputs.curves.loss.sight.view.span
        return [] if span is None else list(span)

    def snapshot(self) -> bool:
        """Whether the session holds what the present run has learned, and not only its start."""
        return bool(self._window.session.state.weights)

    def device(self) -> str | None:
        """The device that the engine uses; None until it is up."""
        return self._window.engine.device

    def engine(self) -> int | None:
        """The number of the engine process."""
        return self._window.engine.process_id

    # --- what the window says -----------------------------------------------------------------

    def undo(self) -> str:
        """The text of the menu's line for it."""
        return self._window.menus.undo.text()

    def redo(self) -> str:
        """The text of the menu's line for it."""
        return self._window.menus.redo.text()

    def modified(self) -> bool:
        """Whether the title marks unsaved work."""
        return self._window.isWindowModified()

    def title(self) -> str:
        """The title of the window."""
        return self._window.windowTitle()

    def banner(self) -> str:
        """The line across the top; empty where there is none."""
        return self._window.banner.text()

    def dialog(self) -> str:
        """The text of the question in front, the title of another dialog; empty without one."""
        front: QWidget | None = QApplication.activeModalWidget()
        if isinstance(front, QMessageBox):
            return front.text()
        return "" if front is None else front.windowTitle() or type(front).__name__

    def menu(self) -> list[str]:
        """The line that the keyboard is at in each open menu, the innermost last."""
        menus = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMenu)]
        opened = [menu for menu in menus if menu.isVisible()]
        innermost = QApplication.activePopupWidget()
        opened.sort(key=lambda menu: menu is innermost)
        actions: list[QAction | None] = [menu.activeAction() for menu in opened]
        return [plain(action.text()) if action is not None else "" for action in actions]

    def focus(self) -> str:
        """The name for screen readers, or the kind, of what the keyboard is in."""
        widget: QWidget | None = QApplication.focusWidget()
        return "" if widget is None else name_of(widget) or type(widget).__name__

    def texts(self) -> list[str]:
        """Everything that stands on the buttons and labels that can be seen."""
        found = (
            text_of(widget) for widget in self._front().findChildren(QWidget) if widget.isVisible()
        )
        return [words for words in found if words]

    def look(self) -> dict[str, Any]:
        """What the program remembers of a person from start to start."""
        window = self._window
        geometry = window.geometry()
        return {
            "language": language.code,
            "theme": theme.mode,
            "dark": theme.dark,
            "scale": theme.scale,
            "window": [geometry.x(), geometry.y(), geometry.width(), geometry.height()],
            "inputs": window.inputs.width(),
            "outputs": window.outputs.width(),
            "inspector": window.inspector.height(),
        }

    def picture(self, path: str) -> bool:
        """Writes a picture of the whole screen."""
        return QApplication.primaryScreen().grabWindow(0).save(path)
