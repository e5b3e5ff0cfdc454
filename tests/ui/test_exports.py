"""Exports through the window: every format is written, or a sentence says why not."""

from __future__ import annotations

import ast
import importlib.util
import re
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QPushButton, QWidget

from cnnviz.engine import onnx_process
from cnnviz.export import FORMATS
from cnnviz.export.diagram import FAMILIES
from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.network import Network
from cnnviz.project import Project
from tests.support.projects import random_weights
from ui.exports import LARGEST_PAGE, LARGEST_PICTURE, Exports, export_titles
from ui.i18n import language
from ui.palette import LIGHT
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


class Desk:
    """A window with a session and its exports, and what they have told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        network = Network(name="small", layers=(Conv2d(filters=2), Flatten(), Dense(units=10)))
        self.session = Session(Project(network), {})
        self.exports = Exports(self.session, self.window)
        self.told: list[str] = []
        self.refused: list[str] = []
        self.exports.told.connect(lambda message: self.told.append(str(message)))
        self.exports.refused.connect(lambda message: self.refused.append(str(message)))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.exports.close()
    language.set("en")


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("pytorch", b'"""small. Exported'),
        ("keras", b'"""small. Exported'),
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("markdown", b"# small"),
        ("csv", b"\xef\xbb\xbfPath,Layer"),
    ],
)
def test_every_format_is_written(
    desk: Desk, qtbot: QtBot, tmp_path: Path, name: str, begin: bytes
) -> None:
    path = tmp_path / f"network{FORMATS[name].suffix}"
    desk.exports.write(name, path)
    qtbot.waitUntil(lambda: bool(desk.told or desk.refused), timeout=20_000)
    assert desk.told == [f"Written: {path}"]
    assert path.read_bytes().startswith(begin)


def test_a_picture_shows_the_network(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "network.png"
    desk.exports.write("png", path)
    qtbot.waitUntil(lambda: bool(desk.told))
    image = QImage(str(path))
    assert image.pixelColor(0, 0).name() == "#ffffff"
    colors = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }
    assert {FAMILIES["convolution"], FAMILIES["dense"]} <= colors


def test_a_huge_network_is_a_picture_and_a_page_that_can_be_opened(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    layers = [Conv2d(filters=2, padding="same")] * 3000
    desk.session.open(Project(Network(layers=tuple(layers))), {}, None)
    for name in ("png", "pdf"):
        desk.told.clear()
        desk.exports.write(name, tmp_path / name)
        qtbot.waitUntil(lambda: bool(desk.told or desk.refused), timeout=60_000)
        assert desk.refused == []
    image = QImage(str(tmp_path / "png"))
    assert 0.9 * LARGEST_PICTURE < image.width() * image.height() < 1.001 * LARGEST_PICTURE
    (box,) = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "pdf").read_bytes())
    assert 2000 < max(map(float, box)) <= LARGEST_PAGE


def test_what_was_learned_goes_beside_a_pytorch_program(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    weights = random_weights(desk.session.network)
    desk.session.learned(desk.session.state.revision, weights)
    path = tmp_path / "network.py"
    desk.exports.write("pytorch", path)
    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.told == [f"Written: {path} and its weights, network.safetensors"]
    assert (tmp_path / "network.safetensors").exists()
    assert "network.safetensors" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["pytorch", "keras", "onnx"])
def test_a_broken_network_is_no_program(
    desk: Desk, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    desk.session.delete(desk.session.network.layers[1].uid)
    path = tmp_path / "network"
    desk.exports.write(name, path)
    qtbot.waitUntil(lambda: bool(desk.refused))
    assert "Dense needs a vector" in desk.refused[0]
    assert not path.exists()


@pytest.mark.parametrize("name", ["svg", "markdown"])
def test_but_it_is_a_drawing_and_a_table(
    desk: Desk, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    desk.session.delete(desk.session.network.layers[1].uid)
    path = tmp_path / "network"
    desk.exports.write(name, path)
    qtbot.waitUntil(lambda: bool(desk.told))
    assert "does not fit" in path.read_text(encoding="utf-8")


def test_what_cannot_be_written_is_a_sentence(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.exports.write("svg", tmp_path / "no folder" / "network.svg")
    qtbot.waitUntil(lambda: bool(desk.refused))
    assert "could not be written" in desk.refused[0]


def test_a_file_is_asked_for(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.exports.ask("markdown")
    dialog = desk.window.findChildren(QFileDialog)[-1]
    assert dialog.nameFilters() == ["Markdown table (*.md)"]
    dialog.fileSelected.emit(str(tmp_path / "table.md"))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(desk.told))
    assert (tmp_path / "table.md").exists()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("LeNet-5", "LeNet-5.svg"),
        ("网络 一", "网络 一.svg"),
        ("../a/b:c", "abc.svg"),
        ("", "network.svg"),
    ],
)
def test_a_file_is_offered_that_is_called_as_the_network(desk: Desk, name: str, file: str) -> None:
    desk.session.rename(name)
    desk.exports.ask("svg")
    (dialog,) = desk.window.findChildren(QFileDialog)
    assert dialog.selectedFiles()[0].rsplit("/", 1)[-1] == file
    dialog.reject()


def test_drawings_and_tables_speak_the_language_of_the_window(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    language.set("zh_CN")
    assert export_titles()["svg"] != "SVG drawing"
    for name in ("svg", "csv"):
        desk.told.clear()
        desk.exports.write(name, tmp_path / name)
        qtbot.waitUntil(lambda: bool(desk.told))
        assert "全连接" in (tmp_path / name).read_text(encoding="utf-8-sig")


def slow(
    monkeypatch: pytest.MonkeyPatch, until: Callable[[Callable[[], bool]], bytes | None]
) -> None:
    def elsewhere(  # type: ignore[no-untyped-def]
        network: Network, weights: object, seed: int, about: str, cancelled: Callable[[], bool]
    ):
        return until(cancelled)

    monkeypatch.setattr(onnx_process, "onnx_elsewhere", elsewhere)


def test_a_long_export_shows_itself_and_can_be_cancelled(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(cancelled: Callable[[], bool]) -> None:
        while not cancelled():
            time.sleep(0.01)

    slow(monkeypatch, wait)
    desk.window.show()
    desk.exports.write("onnx", tmp_path / "network.onnx")
    (dialog,) = desk.window.findChildren(QProgressDialog)
    assert not dialog.isVisible(), "most are done before one could read it"
    qtbot.waitUntil(dialog.isVisible)
    assert "ONNX" in dialog.labelText()
    (button,) = dialog.findChildren(QPushButton)
    button.click()
    qtbot.waitUntil(lambda: not desk.exports.busy)
    assert desk.told == desk.refused == []
    assert list(tmp_path.iterdir()) == []


def test_closing_gives_up_an_export(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(cancelled: Callable[[], bool]) -> None:
        while not cancelled():
            time.sleep(0.01)

    slow(monkeypatch, wait)
    desk.exports.write("onnx", tmp_path / "network.onnx")
    desk.exports.close()
    assert list(tmp_path.iterdir()) == []
    desk.exports = Exports(desk.session, desk.window)  # the fixture closes it once more


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript")),
    reason='needs onnx and onnxscript: pip install "cnnviz[onnx]"',
)
def test_onnx_is_made_elsewhere(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    import onnx

    path = tmp_path / "network.onnx"
    desk.exports.write("onnx", path)
    qtbot.waitUntil(lambda: bool(desk.told or desk.refused), timeout=60_000)
    assert desk.told == [f"Written: {path}"]
    onnx.checker.check_model(str(path))


def test_the_drawing_has_the_colours_of_the_window() -> None:
    assert dict(FAMILIES) == dict(LIGHT.families)


def test_programs_are_programs(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("pytorch", "keras"):
        desk.told.clear()
        desk.exports.write(name, tmp_path / name)
        qtbot.waitUntil(lambda: bool(desk.told))
        ast.parse((tmp_path / name).read_text(encoding="utf-8"))
