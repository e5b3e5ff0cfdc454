"""Another network whose layers have the names of those before: no page takes one for the other.

Files without uids have theirs from places, so that any two networks share them. An exception while
a page comes to be shown may end the process: it is not for slots alone that this matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from cnnviz.project import Project
from tests.support.cells import cells
from ui.inspector import Inspector
from ui.inspector.tabs import TABS

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from cnnviz.network import Network
    from tests.ui.room import Room

KINDS = {"Conv2d", "Dense", "BatchNorm", "MaxPool", "Flatten", "LocallyConnected2d", "Branches"}
NETWORKS = [network for name, network in cells() if name.split()[0] in KINDS]
VIEWS = (*TABS, "large", "all", "layer", "value")


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_known_of_one_is_not_shown_of_the_next(
    view: str, qtbot: QtBot, real_room: Room
) -> None:
    drawer = Inspector(real_room.session, real_room.client)
    qtbot.addWidget(drawer)
    drawer.resize(1280, 260)
    drawer.show()
    for network in (*NETWORKS, *reversed(NETWORKS)):
        real_room.session.open(Project(network), {}, None)
        drawer.show_tab("settings")
        real_room.session.select("it")
        look_at(drawer, view)  # before the engine has said anything of it
        QApplication.processEvents()
        real_room.link.work()
        QApplication.processEvents()
        check(drawer, network)
    drawer.finish()


def look_at(drawer: Inspector, view: str) -> None:
    """Bring a page to the front as a person does."""
    if view in {"all", "layer", "value"}:
        drawer._pixel_actions.backward.setChecked(True)
        drawer.show_tab("pixel")
        drawer.backward.show_zoom(view)  # type: ignore[arg-type]
    elif view == "large":
        drawer.show_tab("maps")
        drawer.maps.open_large(0)
    else:
        drawer._pixel_actions.backward.setChecked(False)
        drawer.show_tab(view)


def check(drawer: Inspector, network: Network) -> None:
    """What is worked out belongs to the network, and is what PyTorch computed."""
    for page in ("pixel", "backward"):
        worked = getattr(drawer, page).worked if page in drawer.__dict__ else None
        if worked is not None and getattr(drawer, page).isVisible() and worked.row is not None:
            assert worked.row.layer == network.layer("it")
            assert worked.agrees
