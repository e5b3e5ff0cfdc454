from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QWidget

from cnnviz.data.storage import VARIABLE, data_folder
from tests.ui.datasets.shelf import small_kmnist
from ui.datasets.library import Library

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot


def test_data_lie_where_qt_would_put_them_or_where_one_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    assert data_folder() == Path(place) / "CNNviz" / "datasets"
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert data_folder() == tmp_path


def test_nothing_begins_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_kmnist(monkeypatch) as web:
        parent = QWidget()
        qtbot.addWidget(parent)
        library = Library(parent)
        library.look_around()
        with qtbot.waitSignal(library.changed, timeout=20_000):
            pass
        assert library.is_here("mnist")
        assert not library.is_here("kmnist")
        assert web.asked == []
        with qtbot.waitSignal(library.arrived, timeout=20_000) as told:
            library.fetch("kmnist")
            library.fetch("kmnist")  # pressed twice
        assert told.args == ["kmnist"]
        qtbot.waitUntil(lambda: not library.is_coming("kmnist"), timeout=20_000)
        assert len(web.asked) == 4
        library.close()
