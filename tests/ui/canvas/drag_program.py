"""A window with palette and canvas, driven from outside: after each change it prints one line of
JSON with the layers, and where on the screen cards, gaps and chips are."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cnnviz.project import Project
from tests.support.fake_engine import FakeEngine
from tests.ui.canvas.support import SMALL
from ui.canvas.canvas import Canvas
from ui.canvas.palette import Palette
from ui.canvas.whereabouts import card_center, gap_center
from ui.session import Session
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint


def main() -> None:
    app = QApplication([])
    theme.apply(app)
    session = Session(Project(network=SMALL), {})
    window = QWidget()
    palette, canvas = Palette(session), Canvas(session, FakeEngine(session).client)
    column = QVBoxLayout(window)
    column.addWidget(palette)
    column.addWidget(canvas, 1)
    window.setGeometry(20, 20, 1100, 600)
    window.show()

    def tell() -> None:
        layers = session.network.layers
        places = {
            "kinds": [layer.kind for layer in layers],
            "cards": [_pair(card_center(canvas, layer.uid)) for layer in layers],
            "gaps": [_pair(gap_center(canvas, index)) for index in range(len(layers) + 1)],
            "chip": _pair(palette.chip_center("Batch norm")),
            "block": _pair(palette.chip_center("Residual")),
            "problems": len(session.report.problems),
            "beside": _pair(window.geometry().bottomRight() + window.geometry().topLeft()),
        }
        os.write(1, json.dumps(places).encode() + b"\n")

    session.changed.connect(lambda: QTimer.singleShot(300, tell))
    QTimer.singleShot(300, tell)
    app.exec()


def _pair(point: QPoint) -> tuple[int, int]:
    return point.x(), point.y()


if __name__ == "__main__":
    main()
