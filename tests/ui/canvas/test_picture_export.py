"""The canvas as a picture in a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from cnnviz.layers import Conv2d
from cnnviz.network import Network
from tests.ui.canvas.support import picture_of, show
from tests.ui.rearranging import NESTED
from ui.canvas.picture_export import PictureExport
from ui.theme import theme

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas


@pytest.fixture
def canvas(made: Made) -> Canvas:
    session, canvas = made(NESTED)
    show(canvas, picture_of(session.report))
    return canvas


def write(qtbot: QtBot, canvas: Canvas, path: Path, *, maps: bool) -> str:
    """Write a picture and return what is said of it."""
    export = canvas.findChild(PictureExport)
    assert export is not None
    with qtbot.waitSignal(canvas.told, timeout=20_000) as told:
        export.write(path, maps=maps)
    return str(told.args[0])


def colors(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }


def test_a_png_shows_all_cards_with_their_maps(
    qtbot: QtBot, canvas: Canvas, tmp_path: Path
) -> None:
    path = tmp_path / "canvas.png"
    assert write(qtbot, canvas, path, maps=True) == f"Written: {path}"
    image = QImage(str(path))
    assert image.width() > 2 * canvas.sceneRect().width() - 60, "also what is out of sight"
    with_maps = colors(image)
    families = theme.colors.families
    assert {families["convolution"], families["pooling"], families["dense"]} <= with_maps
    plain = tmp_path / "plain.png"
    write(qtbot, canvas, plain, maps=False)
    of_values = {f"#{int(value) & 0xFFFFFF:06x}" for value in theme.luts.signed}
    assert len(of_values & with_maps) > 3 * len(of_values & colors(QImage(str(plain))))
    assert QImage(str(plain)).height() < image.height()


@pytest.mark.parametrize("maps", [True, False])
def test_an_svg_is_a_drawing_with_words(
    qtbot: QtBot, canvas: Canvas, tmp_path: Path, maps: bool
) -> None:
    path = tmp_path / "canvas.svg"
    write(qtbot, canvas, path, maps=maps)
    words = path.read_text(encoding="utf-8")
    for expected in ("Inception · concat 3 branches", "26×26×24", "Batch norm"):
        assert expected in words
    assert ("<image" in words) == maps or "base64" in words
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    assert renderer.defaultSize().width() > 900


def test_icons_in_a_drawing_are_sharp_on_a_slide(
    qtbot: QtBot, canvas: Canvas, tmp_path: Path
) -> None:
    path = tmp_path / "canvas.svg"
    write(qtbot, canvas, path, maps=False)
    found = re.findall(r'<image[^>]* width="(\d+)"[^>]*base64,([^"]+)"', path.read_text("utf-8"))
    assert len(found) >= 8, "one for each card and each block"
    for width, data in found:
        assert QImage.fromData(QByteArray.fromBase64(data.encode())).width() == 4 * int(width)


def test_a_pdf_is_one_page(qtbot: QtBot, canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "canvas.PDF"
    write(qtbot, canvas, path, maps=True)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 1


def test_folded_blocks_stay_folded(qtbot: QtBot, canvas: Canvas, tmp_path: Path) -> None:
    canvas.fold_all()
    path = tmp_path / "canvas.svg"
    write(qtbot, canvas, path, maps=False)
    words = path.read_text(encoding="utf-8")
    assert "Inception" in words
    assert "Batch norm" not in words


def test_what_cannot_be_written_is_told(qtbot: QtBot, canvas: Canvas, tmp_path: Path) -> None:
    export = canvas.findChild(PictureExport)
    assert export is not None
    with qtbot.waitSignal(canvas.refused, timeout=20_000) as told:
        export.write(tmp_path / "nowhere" / "canvas.png", maps=False)
    assert "could not be written" in str(told.args[0])


def test_a_long_network_can_be_cancelled(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    layers = tuple(Conv2d(padding="same", filters=4) for _ in range(400))
    _, canvas = made(Network(layers=layers))
    export, path = canvas.findChild(PictureExport), tmp_path / "canvas.png"
    assert export is not None
    heard: list[object] = []
    canvas.told.connect(heard.append)
    export.write(path, maps=True)
    progress = canvas.findChild(QProgressDialog)
    assert progress is not None
    progress.cancel()
    qtbot.waitUntil(lambda: canvas.findChild(QProgressDialog) is None)
    assert not path.exists()
    assert not heard


def test_the_menu_asks_for_a_file(qtbot: QtBot, canvas: Canvas, tmp_path: Path) -> None:
    for action in canvas.file_actions():
        assert action.text().startswith("Canvas with")
        action.trigger()
        dialog = canvas.findChild(QFileDialog)
        assert dialog is not None
        assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        dialog.filterSelected.emit("PDF document (*.pdf)")
        assert dialog.defaultSuffix() == "pdf"
        dialog.reject()
        qtbot.waitUntil(lambda: canvas.findChild(QFileDialog) is None)
