"""The page of shared weights follows the selection and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import Size
from tests.ui.sessions import small_session
from ui.i18n import language
from ui.inspector.sharing_page import SharingPage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_it_follows_the_selection(qtbot: QtBot) -> None:
    session = small_session()
    page = SharingPage(session)
    qtbot.addWidget(page)
    page.resize(1000, 250)
    page.show()
    page.refresh()
    assert "3,612,672" in page.formulas.accessibleDescription()
    session.set_field("conv", "filters", 1)
    page.refresh()
    assert "451,584" in page.formulas.accessibleDescription()
    session.select("relu")
    page.refresh()
    assert page.message.isVisible()
    language.set("zh_CN")
    assert "卷积" in page.message.text()
    language.set("en")
    session.select("input")
    page.refresh()
    assert page.message.isVisible()


def test_a_layer_that_does_not_work_says_so(qtbot: QtBot) -> None:
    session = small_session()
    page = SharingPage(session)
    qtbot.addWidget(page)
    session.set_field("conv", "kernel", Size(40, 40))
    for uid, said in (("conv", "Settings"), ("out", "Waiting for Conv")):
        session.select(uid)
        page.refresh()
        assert said in page.message.text()


def test_its_counts_are_taken_along(qtbot: QtBot) -> None:
    session = small_session()
    page = SharingPage(session)
    qtbot.addWidget(page)
    page.refresh()
    offered = page.plate()
    assert offered is not None
    assert [row[1] for row in offered.rows[1:]] == [3_612_672, 115_200, 200]
    assert offered.rows[1][0] == "As a dense layer"
    session.select("relu")
    page.refresh()
    assert page.plate() is None
    assert not page.offers
