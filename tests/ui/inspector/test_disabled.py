"""What the drawer says of a disabled layer, and the button that enables it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from ui.inspector import Inspector
from ui.inspector.reading import absence
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from ui.session import Session


def test_the_line_above_says_it_and_has_a_button(inspector: Inspector, session: Session) -> None:
    header = inspector._header
    session.select("dense")
    assert not header.enable.isVisible()
    session.set_enabled("dense", enabled=False)
    assert header.enable.isVisible()
    assert header.enable.accessibleName() == "Enable"
    assert header.enable.toolTip().startswith("Disabled.")
    assert "passes through unchanged" in inspector.settings.formulas.accessibleDescription()
    header.enable.click()
    assert session.network.layer("dense").enabled
    assert not header.enable.isVisible()


def test_the_button_does_not_push_the_page_down(inspector: Inspector, session: Session) -> None:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    session.select("dense")
    QApplication.processEvents()
    before = inspector._tabs.y(), inspector._tabs.height(), inspector.settings.height()
    session.set_enabled("dense", enabled=False)
    QApplication.processEvents()
    assert inspector._header.enable.isVisible()
    after = inspector._tabs.y(), inspector._tabs.height(), inspector.settings.height()
    assert after == before


def test_the_dot_of_the_family_is_seen_where_the_tabs_want_the_room(
    inspector: Inspector, qtbot: QtBot
) -> None:
    inspector.resize(700, 270)
    theme.set_scale(1.5)
    qtbot.waitUntil(lambda: theme.settled)
    QApplication.processEvents()
    assert inspector._header._dot.width() == theme.px(9)


def test_what_is_disabled_with_its_block_has_no_button_of_its_own(
    inspector: Inspector, session: Session
) -> None:
    session.wrap("relu")
    block = session.selection
    session.set_enabled(block, enabled=False)
    session.select("relu")
    assert inspector._header._off.isVisible()
    assert inspector._header._off.text() == "disabled"
    assert not inspector._header.enable.isVisible()


@pytest.mark.parametrize("tab", ["kernels", "maps"])
def test_pages_of_numbers_say_why_there_are_none(
    inspector: Inspector, session: Session, engine: DrawingEngine, tab: str
) -> None:
    session.select("grouped")
    engine.draw()
    session.set_enabled("grouped", enabled=False)
    engine.draw()
    inspector.show_tab(tab)
    page = inspector.kernels if tab == "kernels" else inspector.maps
    words = absence(session, engine.client)
    assert words == (
        "Conv is disabled: its input passes through unchanged. What it has learned is kept."
    )
    assert words in {label.text() for label in page.findChildren(type(page.heading))}


def test_so_does_the_page_of_shared_weights(inspector: Inspector, session: Session) -> None:
    session.select("grouped")
    inspector.show_tab("sharing")
    session.set_enabled("grouped", enabled=False)
    assert inspector.sharing.message.text().startswith("Conv is disabled")
    session.select("relu")
    assert inspector.sharing.message.text().startswith("Select a convolution")


def test_one_pixel_says_so(inspector: Inspector, session: Session, engine: DrawingEngine) -> None:
    session.select("pool")
    engine.draw()
    inspector.show_tab("pixel")
    session.set_enabled("pool", enabled=False)
    engine.draw()
    said = {label.text() for label in inspector.pixel.findChildren(type(inspector.maps.heading))}
    assert any("Max pool is disabled" in words for words in said)
