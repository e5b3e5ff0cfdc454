"""Pictures of the page of one value for every cell of kind × {forward, backward}, to be looked at.

python -m scripts.pixel_gallery FOLDER [--dark] [--chinese] [--scale 1.5] [--size 1280x250]

Beside a picture of each cell it makes contact sheets, nine cells each.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from tests.ui.desk_link import DeskLink
    from ui.inspector import Inspector

SHEET = 9


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--dark", action="store_true")
    options.add_argument("--chinese", action="store_true")
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--size", default="1280x250")
    options.add_argument("--only", default="")
    given = options.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.folder.mkdir(parents=True, exist_ok=True)

    from PySide6.QtWidgets import QApplication

    import ui.engine_sync
    from cnnviz.data.datasets import load
    from cnnviz.project import Project
    from cnnviz.training import Training
    from tests.support.cells import cells
    from tests.ui.desk_link import DeskLink
    from ui.engine_client import EngineClient
    from ui.i18n import language
    from ui.inspector import Inspector
    from ui.session import Session
    from ui.theme import theme

    vars(ui.engine_sync)["EngineLink"] = DeskLink
    app = QApplication([])
    theme.set_mode("dark" if given.dark else "light")
    theme.apply(app, given.scale)
    language.set("zh_CN" if given.chinese else "en")
    width, height = map(int, given.size.split("x"))
    samples = load("mnist")
    taken: list[tuple[str, QPixmap]] = []
    for name, network in cells():
        if given.only not in name:
            continue
        session = Session(Project(network, training=Training(optimizer="sgd", momentum=0)), {})
        session.select("it")
        client = EngineClient(session)
        client.start()
        client.show_image(samples.test_images[15], int(samples.test_labels[15]))
        view = Inspector(session, client)
        view.resize(width, height)
        view.show()
        for cell, picture in _cells_of(view, DeskLink.newest):
            taken.append((f"{name} — {cell}", picture))
            file = f"{name} {cell}".replace("/", " ").replace(" ", "_")
            picture.save(str(given.folder / f"{file}.png"))
        view.close()
        view.deleteLater()
        client.close()
        app.processEvents()
        print(name)
    for first in range(0, len(taken), SHEET):
        _sheet(taken[first : first + SHEET]).save(str(given.folder / f"sheet{first // SHEET}.png"))


def _cells_of(view: Inspector, link: DeskLink) -> list[tuple[str, QPixmap]]:
    """Forward, the layer on the way back, and every quantity that it has."""
    from PySide6.QtWidgets import QApplication

    def taken() -> QPixmap:
        link.work()
        QApplication.processEvents()
        return view.grab()

    view.show_tab("pixel")
    found = [("forward", taken())]
    view.pixel._actions.backward.setChecked(True)
    page = view.backward
    page.show_zoom("all")
    found.append(("all layers", taken()))
    page.show_zoom("layer")
    found.append(("layer", taken()))
    page.show_zoom("value")
    link.work()
    keys = [page.bar.views.tabData(index) for index in range(page.bar.views.count())]
    for key in keys:
        page._choose_view(key)
        found.append((key.strip(), taken()))
    view.pixel._actions.backward.setChecked(False)
    return found


def _sheet(cells: list[tuple[str, QPixmap]]) -> QPixmap:
    """Cells below each other, each under its name."""
    from PySide6.QtCore import QRect, Qt
    from PySide6.QtGui import QPainter, QPixmap

    line = 18
    width = max(picture.width() for _, picture in cells)
    height = sum(picture.height() + line for _, picture in cells)
    sheet = QPixmap(width, height)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    top = 0
    for name, picture in cells:
        painter.drawText(QRect(4, top, width, line), Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawPixmap(0, top + line, picture)
        top += picture.height() + line
    painter.end()
    return sheet


if __name__ == "__main__":
    main()
