"""Files are chosen in a window that reads none of them, and that speaks the window's language."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QFileInfo, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFileDialog,
    QFileIconProvider,
    QLabel,
    QToolButton,
    QTreeView,
    QWidget,
)

from tests.ui.sessions import only
from ui.file_dialog import file_dialog
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from ui.theme import Mode


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def kinds_in(dialog: QFileDialog, qtbot: QtBot, count: int) -> dict[str, str]:
    """What the dialog says of each file of its folder."""
    tree = only(QTreeView, dialog)
    model = tree.model()
    qtbot.waitUntil(lambda: model.rowCount(tree.rootIndex()) == count)
    rows = (
        [model.index(row, column, tree.rootIndex()).data() for column in (0, 2)]
        for row in range(count)
    )
    return dict(rows)


def test_it_says_what_files_are_by_their_names_in_the_windows_thread(
    window: QWidget, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python that is called in another thread of Qt's would wait for the window, which waits for
    that thread where a dialog goes."""
    threads = set()

    def noted(template: str, **values: Any) -> str:
        threads.add(threading.current_thread())
        return tr(template, **values)

    # Not the method: PySide remembers that of the first call, and calls it when it is gone.
    monkeypatch.setattr("ui.file_dialog.tr", noted)
    (tmp_path / "some").mkdir()
    (tmp_path / "seven.png").write_bytes(b"no picture")
    (tmp_path / "nameless").write_bytes(b"\x89PNG\r\n\x1a\n")
    language.set("zh_CN")
    dialog = file_dialog(window, "打开")
    dialog.setDirectory(str(tmp_path))
    dialog.open()
    assert kinds_in(dialog, qtbot, 3) == {
        "some": "文件夹",
        "seven.png": "PNG 文件",
        "nameless": "文件",
    }
    assert threads == {threading.main_thread()}
    dialog.reject()


def test_no_file_is_looked_into(window: QWidget, tmp_path: Path) -> None:
    """Which is seen where the file system notes when a file was read last."""
    path = tmp_path / "nameless"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    os.utime(path, (1e9, 2e9))
    kinds = file_dialog(window, "").iconProvider()
    assert isinstance(kinds, QFileIconProvider)
    info = QFileInfo(str(path))
    assert kinds.type(info) == "File"
    assert not kinds.icon(info).isNull()
    assert path.stat().st_atime == 1e9


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_all_its_labels_speak_the_language(window: QWidget, code: str) -> None:
    language.set(code)
    dialog = file_dialog(window, "")
    dialog.setNameFilters(["PNG (*.png)"])
    dialog.open()
    words = [label.text() for label in dialog.findChildren(QLabel)]
    tree = only(QTreeView, dialog).model()
    words += [tree.headerData(column, Qt.Orientation.Horizontal) for column in range(4)]
    assert len(words) >= 7
    chinese = [any("\u4e00" <= c <= "\u9fff" for c in word) for word in words if word]
    assert all(chinese) if code == "zh_CN" else not any(chinese)
    dialog.reject()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_its_arrows_are_seen_in_every_theme(window: QWidget, mode: Mode) -> None:
    """Qt's own are black, also on a dark ground."""
    theme.set_mode(mode)
    dialog = file_dialog(window, "")
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.open()
    ink = QColor(theme.colors.text)
    for name in ("backButton", "forwardButton", "toParentButton"):
        (button,) = dialog.findChildren(QToolButton, name)
        picture = button.icon().pixmap(32).toImage()
        width, height = picture.width(), picture.height()
        seen = {picture.pixelColor(x, y).rgba() for x in range(width) for y in range(height)}
        assert ink.rgba() in seen, name
    dialog.reject()
