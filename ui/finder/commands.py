"""What can be found: every action of the menus and every layer, none of them listed by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnviz.network import INPUT_UID
from ui.i18n import in_all_languages, shape_text, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QMenuBar

    from ui.session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done.

    place: the menus that it stands in. known_as: what it can be found by, in every language.
    reason: why it cannot be done now; "" where it can. checked: None where it is no switch.
    """

    words: str
    place: str
    keys: str
    reason: str
    checked: bool | None
    known_as: tuple[str, ...]
    run: Callable[[], object]


def commands_of(bar: QMenuBar) -> list[Command]:
    """Every action of a menu bar, in its order; menus that fill themselves when opened do so."""
    return [command for top in bar.actions() for command in _inside(top, ())]


def layers_of(session: Session, jump: Callable[[str], object]) -> list[Command]:
    """The input and every layer of every depth, to jump to."""
    shape = shape_text(session.network.input.shape)
    found = [_layer("", tr("Input"), shape, INPUT_UID, tr("Go to layer"), jump)]
    for row in session.report.rows:
        layer = row.layer
        number = ".".join(str(int(step) + 1) for step in row.path.split("/"))
        place = tr("Go to disabled layer") if row.off else tr("Go to layer")
        found.append(_layer(number, text(layer.name), layer.detail, layer.uid, place, jump))
    return found


def plain(words: str) -> str:
    """The words of an action without the marks of its letter for the keyboard."""
    # Chinese menus have the letter in brackets behind their title.
    return re.sub(r"\(&.\)", "", words).replace("&", "")


def _layer(
    number: str, name: str, detail: str, uid: str, place: str, jump: Callable[[str], object]
) -> Command:
    known_as = tuple(f"{number} {other} {detail}".strip() for other in in_all_languages(name))
    words = f"{number}  {name} {detail}".strip()
    return Command(words, place, "", "", None, known_as, lambda: jump(uid))


def _inside(action: QAction, way: tuple[str, ...]) -> Iterator[Command]:
    menu = action.menu()
    words = plain(action.text())
    if isinstance(menu, QMenu):
        menu.aboutToShow.emit()
        for inner in menu.actions():
            yield from _inside(inner, (*way, words))
    elif not action.isSeparator() and action.isVisible():
        yield _command(action, words, way)


def _command(action: QAction, words: str, way: tuple[str, ...]) -> Command:
    names = in_all_languages(words)
    inner = way[1:]  # the menus of a menu say what it is about: Theme, Size of type
    known_as = [*names]
    for name in names:
        known_as += [f"{other} {name}" for menu in inner for other in in_all_languages(menu)]
    reason = "" if action.isEnabled() else action.statusTip() or tr("Not possible now")
    return Command(
        words,
        " › ".join(way),
        action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
        reason,
        action.isChecked() if action.isCheckable() else None,
        tuple(known_as),
        action.trigger,
    )
