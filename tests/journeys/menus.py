"""What stands in the menus of the running program, which of it was run, and all that it changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QStyle,
    QTabBar,
    QTextEdit,
    QWidget,
)

from ui.finder.commands import plain
from ui.i18n import language
from ui.main_window import MainWindow
from ui.settings import recent_files
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator


_FIELDS = QLineEdit | QPlainTextEdit | QTextEdit


class Menus:
    """Answers about the menus; it listens, and runs nothing itself."""

    def __init__(self) -> None:
        self._ran: list[str] = []
        self._heard: set[int] = set()
        self._called: dict[int, tuple[QAction, str]] = {}
        self._copied = 0

    def actions(self) -> list[dict[str, Any]]:
        """Every line of every menu that is an action, in the order of the menus.

        `way`: for each menu on the way to it, and for the line itself, how often one presses Down.
        `place`: the same for every line, possible or not; it stays while titles change.
        """
        return list(self._found())

    def action(self, *place: Any) -> dict[str, Any]:
        """The action in a place; only the menus on the way to it are looked through."""
        for line in self._found(place):
            if line["place"] == [*place]:
                return line
        raise LookupError(f"there is no line {place}")

    def _found(self, wanted: tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
        for top in self._main().menuBar().actions():
            menu = top.menu()
            assert isinstance(menu, QMenu)
            letter = top.text().partition("&")[2][:1].lower()
            if wanted and letter != wanted[0]:
                continue
            self._listen(menu)
            for action, titles, way, place in _lines(menu, (), (), (), wanted[1:]):
                self._name(action, titles[-1])
                yield {
                    "menu": f"alt+{letter}",
                    "titles": [plain(top.text()), *titles],
                    "way": way,
                    "place": [letter, *place],
                    "enabled": action.isEnabled(),
                    "reason": action.statusTip() or action.toolTip(),
                    "keys": action.shortcut().toString(),
                    "checked": action.isChecked() if action.isCheckable() else None,
                    "one_of": _titles(action.actionGroup()),
                }

    def ran(self) -> list[str]:
        """The actions that were run since this was asked before."""
        ran, self._ran = self._ran, []
        return ran

    def above(self) -> int:
        """The number, for the X server, of a window that stands beside the program's own."""
        window = self._main()
        for widget in reversed(QApplication.topLevelWidgets()):
            if widget.isVisible() and widget is not window and widget.isWindow():
                return int(widget.winId())
        return int(window.winId())

    def state(self, looked_at: bool = False) -> dict[str, Any]:
        """All by which one sees that something has happened; looked_at: what is painted, too."""
        window = self._main()
        session, engine, canvas = window.session, window.engine, window.canvas
        every = QApplication.topLevelWidgets()
        tops = [widget for widget in every if widget.isVisible() and widget is not window]
        menus = [widget for widget in tops if isinstance(widget, QMenu)]
        bars = window.findChildren(QTabBar)
        focus = QApplication.focusWidget()
        switches = [a.isChecked() for a in window.findChildren(QAction) if a.isCheckable()]
        return {
            "revision": session.state.revision,
            "undo": session.undo_label is not None,
            "saved": (session.modified, str(session.path or session.network.name)),
            "selected": (session.selection, *session.selected),
            "windows": sorted(
                f"{type(one).__name__} {one.windowTitle()}" for one in tops if one not in menus
            ),
            "menus": len(menus),
            "tabs": [bar.currentIndex() for bar in bars if bar.isVisible()],
            "panels": [w.isVisible() for w in (window.inputs, window.outputs, window.inspector)],
            "palette": window.palette_bar.isVisible(),
            "switches": switches,
            "look": (theme.mode, theme.scale, theme.projector, theme.reduced_motion),
            "words": (language.code, language.channels_first),
            "full": window.isFullScreen(),
            "canvas": (canvas.zoom, sorted(canvas.folded)),
            "curves": str(window.outputs.curves.loss.sight.view.span),
            "drawn": [one.series.key for one in window.outputs.curves.loss.painting().lines],
            "recent": len(recent_files()),
            "run": "" if engine.progress is None else (engine.progress.state, engine.progress.step),
            "runs": [(one.id, str(one.title), one.note, one.state, one.step)
                     for one in session.runs.all],
            "image": _digest(window.inputs._pad.image().tobytes()),
            "copied": self._copied,
            "typing": _field(focus) if isinstance(focus, _FIELDS) else "",
            "banner": window.banner.text(),
            "picture": _painted(window) if looked_at else "",
        }  # fmt: skip

    # --- inside -------------------------------------------------------------------------------

    def _main(self) -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def _listen(self, menu: QMenu) -> None:
        if not self._heard:
            QGuiApplication.clipboard().dataChanged.connect(self._note_copy)
        if id(menu) not in self._heard:
            self._heard.add(id(menu))
            menu.triggered.connect(self._note_run)

    def _name(self, action: QAction, title: str) -> None:
        """Remember what an action is called now: running it may change that."""
        known = self._called.get(id(action))
        if known is None or known[0] is not action:
            action.triggered.connect(lambda: self._note_run(action))
        self._called[id(action)] = action, title

    def _note_run(self, action: QAction) -> None:
        known = self._called.get(id(action))
        title = known[1] if known and known[0] is action else plain(action.text())
        if title not in self._ran:
            self._ran.append(title)

    def _note_copy(self) -> None:
        self._copied += 1


def _lines(
    menu: QMenu,
    titles: tuple[str, ...],
    way: tuple[int, ...],
    place: tuple[int, ...],
    wanted: tuple[int, ...],
) -> Iterator[tuple[QAction, tuple[str, ...], tuple[int, ...], tuple[int, ...]]]:
    """Action, titles, way and place; wanted: only what is on the way to this place, if any."""
    menu.aboutToShow.emit()
    hint = QStyle.StyleHint.SH_Menu_AllowActiveAndDisabled
    stops = menu.style().styleHint(hint, None, menu) != 0
    downs = 0
    lines = [line for line in menu.actions() if line.isVisible() and not line.isSeparator()]
    for number, line in enumerate(lines):
        if not wanted or number == wanted[0]:
            inner, words, here = line.menu(), (*titles, plain(line.text())), (*place, number)
            if isinstance(inner, QMenu):
                yield from _lines(inner, words, (*way, downs), here, wanted[1:])
            else:
                yield line, words, (*way, downs), here
        downs += line.isEnabled() or stops  # the arrow keys pass over what is not possible


def _titles(group: QActionGroup | None) -> list[str]:
    return [] if group is None else [plain(one.text()) for one in group.actions()]


def _field(field: QWidget) -> str:
    return f"{type(field).__name__} {field.accessibleName()}"


def _painted(window: QWidget) -> str:
    image = window.grab().toImage()  # held until its bytes have been read
    return _digest(bytes(image.constBits()))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
