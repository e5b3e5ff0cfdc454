"""The menu of the canvas: ways out of a problem, what can be done, and what can be inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from ui.able import allow, tell_reasons
from ui.canvas.commands import LAST_BRANCH
from ui.canvas.entries import fill_insert_menu
from ui.canvas.navigation import branches_of
from ui.i18n import text, tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.network import Place
    from ui.canvas.commands import Commands
    from ui.session import Session


def context_menu(
    parent: QWidget, session: Session, commands: Commands, place: Place | None
) -> QMenu:
    """A menu that goes when it is closed. place: of a gap that it is opened for, instead of the
    selected cards."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if place is not None:
        _fill_for_gap(menu, session, place)
    else:
        for trouble in session.report.problems:
            if trouble.uid == session.selection:
                for fix in trouble.fixes:
                    action = menu.addAction(text(fix.label))
                    action.triggered.connect(lambda _=False, fix=fix: session.fix(fix))
                menu.addSeparator()
        menu.addActions(commands.all())
        menu.addSeparator()
        fill_insert_menu(menu.addMenu(tr("Insert after")), session)
    menu.addSeparator()
    menu.addAction(commands.fit)
    tell_reasons(menu)
    return menu


def _fill_for_gap(menu: QMenu, session: Session, place: Place) -> None:
    fill_insert_menu(menu.addMenu(tr("Insert here")), session, place)
    if not place.block:
        return
    block, branch = place.block, place.branch
    menu.addSeparator()
    menu.addAction(tr("Add a branch")).triggered.connect(lambda: session.add_branch(block))
    remove = menu.addAction(tr("Remove the branch"))
    allow(remove, None if len(branches_of(session.network, block)) > 1 else LAST_BRANCH)
    remove.triggered.connect(lambda: session.remove_branch(block, branch))
