"""Every test of the window begins in English, with the system's theme at the usual size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from ui.i18n import language
from ui.stillness import _calm
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def dressed(qapp: QApplication) -> None:
    """Windows have the program's style sheet, fonts and palette, and follow changes of the look."""
    theme.apply(qapp)


@pytest.fixture(autouse=True)
def _no_key_is_held() -> Iterator[None]:
    """After a key that was clicked together with Shift, Qt takes Shift for held until another key
    is: the next test would extend a selection instead of making one."""
    yield
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)


@pytest.fixture(autouse=True)
def _nothing_is_under_way() -> Iterator[None]:
    """What a test has begun to change calmly does not go on in the next one."""
    yield
    for turns in tuple(_calm):
        turns.give_up()
    _calm.clear()


@pytest.fixture(autouse=True)
def _plain_look() -> Iterator[None]:
    yield
    language.set("en")
    language.set_channels_first(False)
    dressed, theme._prepared = theme._prepared, False
    theme._turns.give_up()
    theme.set_projector(False)
    theme.set_reduced_motion(False)
    theme.set_mode("system")
    theme.set_scale(1.0)
    app = QApplication.instance()
    if dressed and isinstance(app, QApplication):
        theme._prepared = True
        theme.apply(app)
        theme._prepared = False  # the next test is not dressed step by step, as what is on show is
