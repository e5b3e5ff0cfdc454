"""Freezing on the canvas: one action there and back, and a mark on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz.layers import BatchNorm, Branches, Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from tests.ui.canvas.support import SMALL

if TYPE_CHECKING:
    from tests.ui.canvas.support import Made

BLOCK = Branches(
    uid="block", branches=((Conv2d(uid="inner", padding="same"), BatchNorm(uid="norm")), ())
)
DEEP = Network(layers=(Conv2d(uid="conv"), BLOCK, Flatten(uid="flat"), Dense(uid="out", units=10)))


def test_the_key_freezes_and_thaws(made: Made) -> None:
    session, canvas = made(SMALL)
    session.select("conv")
    canvas.activateWindow()
    canvas.setFocus()
    assert QTest.qWaitForWindowActive(canvas)
    before = canvas.card("conv").width
    QTest.keyClick(canvas, Qt.Key.Key_F)
    card = canvas.card("conv")
    assert session.report.row("conv").frozen
    assert card.content.frozen
    assert card.width > before  # there is room for the mark
    assert "frozen" in canvas.accessibleDescription()
    assert session.undo_label is not None
    assert str(session.undo_label) == "Freeze Conv"
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert session.network == SMALL
    assert str(session.undo_label) == "Unfreeze Conv"
    assert not canvas.card("conv").content.frozen


def test_a_block_is_frozen_as_a_whole(made: Made) -> None:
    session, canvas = made(DEEP)
    session.select("block")
    action = next(one for one in canvas.actions_menu() if one.text() == "Freeze")
    assert action.isEnabled()
    action.trigger()
    assert [row.layer.uid for row in session.report.rows if row.frozen] == ["inner", "norm"]
    assert action.text() == "Unfreeze"
    session.select("flat")
    assert not action.isEnabled()
    assert action.statusTip() == "Nothing that is selected has weights"
    session.select("conv")
    session.set_field("conv", "kernel", Size(99, 99))
    assert action.statusTip() == "It has no weights before the network fits"
    session.undo()
    session.select("conv", "out")
    assert action.text() == "Freeze"
    action.trigger()
    assert session.report.trainable == 0
    assert str(session.undo_label) == "Freeze 2 layers"


def test_a_folded_block_shows_that_all_in_it_is_frozen(made: Made) -> None:
    session, canvas = made(DEEP)
    session.set_field("inner", "frozen", True)
    canvas.toggle_fold("block")
    assert not canvas.card("block").content.frozen
    session.set_field("norm", "frozen", True)
    assert canvas.card("block").content.frozen
