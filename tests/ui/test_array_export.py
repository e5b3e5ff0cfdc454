"""What a view shows is copied or written, in the colours that it has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz.export.arrays import Plate, as_svg
from cnnviz.export.tables import Tabled
from ui import array_export
from ui.array_export import ArrayExport, ArrayOffer, plate, tabled
from ui.i18n import language
from ui.theme import theme
from ui.widgets.mosaic import mosaic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

MAPS = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(np.float32)


class Desk:
    """A view that offers something, and what has been told of it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.view = QWidget()
        qtbot.addWidget(self.view)
        offered = plate("maps: all", MAPS, 2.0, ("map", "row"), columns=2)
        self.offered: Plate | Tabled | None = offered
        self.exports = ArrayExport(lambda: self.offered, self.view)
        self.told: list[str] = []
        self.refused: list[str] = []
        self.exports.told.connect(lambda message: self.told.append(str(message)))
        self.exports.refused.connect(lambda message: self.refused.append(str(message)))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.exports.finish()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".npy", ".csv"])
def test_a_table_is_written_in_all_formats(
    desk: Desk, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    table = tabled("costs", [("way", "weights"), ("dense", 3_612_672)])
    path = tmp_path / f"table{suffix}"
    desk.exports.write(path, ArrayOffer(table))
    qtbot.waitUntil(lambda: bool(desk.told or desk.refused))
    assert desk.told == [f"Written: {path}"]
    begins = {".svg": b"<svg", ".npy": b"\x93NUMPY", ".csv": b"\xef\xbb\xbfway,weights"}
    assert path.read_bytes().startswith(begins.get(suffix, b"\x89PNG"))
    if suffix == ".png":
        image = QImage(str(path))
        inked = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        assert len(inked) > 10, "there are words on it"


def test_a_table_is_copied_as_text_and_as_a_picture(desk: Desk, qtbot: QtBot) -> None:
    desk.offered = tabled("costs", [("way", "weights"), ("dense", 7)])
    desk.exports.copy.trigger()
    qtbot.waitUntil(lambda: bool(desk.told))
    assert QGuiApplication.clipboard().text() == "way\tweights\ndense\t7\n"
    desk.exports.copy_picture.trigger()
    qtbot.waitUntil(lambda: len(desk.told) == 2)
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".npy", ".csv", ".PNG", ""])
def test_a_file_is_what_its_suffix_says(
    desk: Desk, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"maps{suffix}"
    assert desk.offered is not None
    desk.exports.write(path, ArrayOffer(desk.offered))
    qtbot.waitUntil(lambda: bool(desk.told or desk.refused))
    assert desk.told == [f"Written: {path}"]
    begins = {".svg": b"<svg", ".npy": b"\x93NUMPY", ".csv": b"\xef\xbb\xbfmap,row,0"}
    assert path.read_bytes().startswith(begins.get(suffix, b"\x89PNG"))


def test_a_file_that_cannot_be_written_is_told(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    assert desk.offered is not None
    desk.exports.write(tmp_path / "nowhere" / "maps.csv", ArrayOffer(desk.offered))
    qtbot.waitUntil(lambda: bool(desk.told or desk.refused))
    assert "could not be written" in desk.refused[0]


def test_the_dialog_offers_the_four_formats(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.exports.save.trigger()
    dialog = desk.view.findChild(QFileDialog)
    assert dialog is not None
    endings = [words.split("*")[-1].rstrip(")") for words in dialog.nameFilters()]
    assert endings == [".png", ".svg", ".npy", ".csv"]
    assert "maps- all" in dialog.selectedFiles()[0]
    dialog.filterSelected.emit(dialog.nameFilters()[3])
    assert dialog.defaultSuffix() == "csv"
    dialog.fileSelected.emit(str(tmp_path / "chosen.csv"))
    qtbot.waitUntil(lambda: bool(desk.told))
    assert (tmp_path / "chosen.csv").exists()
    dialog.reject()


def test_copied_values_are_numbers_for_a_spreadsheet(desk: Desk, qtbot: QtBot) -> None:
    desk.exports.copy.trigger()
    qtbot.waitUntil(lambda: bool(desk.told))
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == ["map", "row", "0", "1", "2", "3", "4"]
    found = np.array([line[2:] for line in lines[1:]], np.float32)
    np.testing.assert_array_equal(found, MAPS.reshape(12, 5))
    assert desk.told == ["Copied: 60 values"]


def test_a_copied_picture_is_one(desk: Desk, qtbot: QtBot) -> None:
    desk.exports.copy_picture.trigger()
    qtbot.waitUntil(lambda: bool(desk.told))
    assert QGuiApplication.clipboard().image().width() > 100
    assert desk.told == ["Copied: maps: all, as a picture"]


def test_too_much_for_a_clipboard_is_refused(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_export, "MOST_COPIED", 59)
    desk.exports.copy.trigger()
    qtbot.waitUntil(lambda: bool(desk.refused))
    assert desk.refused == [
        "60 values are too many for the clipboard. Save them to a file instead."
    ]


def test_where_nothing_is_offered_nothing_happens(desk: Desk) -> None:
    desk.offered = None
    for action in desk.exports.actions():
        action.trigger()
    assert desk.view.findChild(QFileDialog) is None
    desk.exports.set_enabled(False)
    assert all(action.statusTip() for action in desk.exports.actions())


def test_the_texts_follow_the_language(desk: Desk) -> None:
    before = [action.text() for action in desk.exports.actions()]
    language.set("zh_CN")
    after = [action.text() for action in desk.exports.actions()]
    assert all(a != b for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_colours_are_those_of_the_window(mode: str, qapp: object) -> None:
    theme.set_mode("dark" if mode == "dark" else "light")
    drawn = plate("map", MAPS[0], 2.0, ())
    image = mosaic(MAPS[:1], 1, 2.0, gap=0)
    np.testing.assert_array_equal(
        drawn.colors[0], np.frombuffer(image.bits(), np.uint32).reshape(4, 5)
    )
    grey = plate("map", np.abs(MAPS[0]), None, ())
    image = mosaic(np.abs(MAPS[:1]), 1, gap=0, grey=True)
    np.testing.assert_array_equal(
        grey.colors[0], np.frombuffer(image.bits(), np.uint32).reshape(4, 5)
    )


def test_an_svg_is_drawn_as_the_window_draws(qapp: object) -> None:
    drawn = plate("map", MAPS[0], 2.0, ())
    renderer = QSvgRenderer(as_svg(drawn))
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    for row, column in np.ndindex(4, 5):
        pixel = image.pixelColor(8 + column * 10 + 5, 8 + row * 10 + 5)
        assert pixel.rgb() == int(drawn.colors[0, row, column])
