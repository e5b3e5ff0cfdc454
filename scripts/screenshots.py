"""Pictures of everything that the window can show, to be looked at.

python -m scripts.screenshots FOLDER [--size 1280x720]... [--language zh_CN] [--theme dark]
                                     [--scale 1.5]... [--only runs]... [--sheets]

Without options: both languages, light and dark, three sizes. The window is opened as the program
opens it, on a screen of its own (Xvfb) where there is one. Texts that are cut off are printed, and
numbers that a "…" hides.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import harness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QApplication

SCREEN = "2560x1600x24"
"""Menus and dialogs may reach beyond the largest window."""
COLUMNS, ROWS = 2, 2
"""Pictures of a sheet."""


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--size", action="append")
    options.add_argument("--language", action="append")
    options.add_argument("--theme", action="append")
    options.add_argument("--scale", type=float, action="append")
    options.add_argument("--projector", action="store_true")
    options.add_argument("--only", action="append", help="scenes with this in their names")
    options.add_argument("--sheets", action="store_true", help="several pictures in one, too")
    given = options.parse_args()
    harness.SCREEN = SCREEN
    with harness.display():
        from PySide6.QtWidgets import QApplication

        app = QApplication(["cnnviz"])
        sizes = given.size or ["1280x720", "1600x900", "1920x1080"]
        looks = product(given.theme or ["light", "dark"], given.language or ["en", "zh_CN"])
        for (mode, code), size, scale in product(looks, sizes, given.scale or [1.0]):
            name = f"{mode} {code} {size}" + (f" {scale:.0%}" if scale != 1 else "")
            folder = given.folder / (name + (" projector" if given.projector else ""))
            folder.mkdir(parents=True, exist_ok=True)
            width, height = map(int, size.split("x"))
            _dress(app, mode, code, scale)
            taken = _take(app, folder, (width, height), given.only or [""], given.projector)
            if given.sheets:
                _sheets(folder, taken)


def _dress(app: QApplication, mode: str, code: str, scale: float) -> None:
    from ui.i18n import language
    from ui.theme import theme

    theme.set_projector(False)
    theme.set_mode(mode)  # type: ignore[arg-type]  # it says itself what it does not know
    theme.set_scale(scale)
    language.set(code)
    theme.prepare(app, scale)


def _take(
    app: QApplication, folder: Path, size: tuple[int, int], wanted: Sequence[str], projector: bool
) -> list[Path]:
    """One picture for each scene; those that were taken."""
    from tests.support.cut_texts import cut_texts
    from tests.support.hidden_numbers import hidden_numbers
    from tests.support.scenes import SCENES
    from tests.support.stage import picture, project, shown, stage

    taken = []
    with stage(app, *size) as window:
        if projector:
            project(window)
        for name, scene in SCENES.items():
            if not any(part in name for part in wanted):
                continue
            with shown(window, scene) as looked_at:
                path = folder / f"{name}.png"
                picture(window, looked_at).save(str(path))
                taken.append(path)
                for line in (*cut_texts(looked_at), *hidden_numbers(looked_at)):
                    print(f"{folder.name} {name}: {line}", flush=True)
    return taken


def _sheets(folder: Path, taken: Sequence[Path]) -> None:
    """Some pictures side by side, with their names, at their size."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter

    many = COLUMNS * ROWS
    for start in range(0, len(taken), many):
        pictures = [(path.stem, QImage(str(path))) for path in taken[start : start + many]]
        width = max(image.width() for _, image in pictures)
        height = max(image.height() for _, image in pictures) + 20
        sheet = QImage(width * COLUMNS, height * ROWS, QImage.Format.Format_RGB32)
        sheet.fill(Qt.GlobalColor.gray)
        painter = QPainter(sheet)
        for place, (name, image) in enumerate(pictures):
            left, top = place % COLUMNS * width, place // COLUMNS * height
            painter.drawText(left + 4, top + 15, name)
            painter.drawImage(left, top + 20, image)
        painter.end()
        sheet.save(str(folder / f"sheet {start // many:02}.png"))


if __name__ == "__main__":
    main()
