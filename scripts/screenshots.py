"""Pictures of everything that the window can show, to be looked at.

python -m scripts.screenshots FOLDER [--size 1280x720]... [--language zh_CN] [--theme dark]
                                     [--scale 1.5] [--only runs]

Without options: both languages, light and dark, three sizes. Texts that are cut off are printed.
"""

from __future__ import annotations

import argparse
import os
from itertools import product
from pathlib import Path


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--size", action="append")
    options.add_argument("--language", action="append")
    options.add_argument("--theme", action="append")
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--projector", action="store_true")
    options.add_argument("--only", default="")
    given = options.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

    from PySide6.QtWidgets import QApplication

    from tests.support.cut_texts import cut_texts
    from tests.support.scenes import SCENES, leave, picture, stage, work
    from ui.i18n import language
    from ui.theme import theme

    app = QApplication([])
    theme.prepare(app, given.scale)
    looks = product(given.theme or ["light", "dark"], given.language or ["en", "zh_CN"])
    sizes = [tuple(map(int, size.split("x"))) for size in
             given.size or ["1280x720", "1600x900", "1920x1080"]]  # fmt: skip
    for mode, code in looks:
        theme.set_mode(mode)
        language.set(code)
        with stage(app) as window:
            if given.projector:
                window.projector.action.trigger()
            for name, show in SCENES.items():
                if given.only not in name:
                    continue
                for width, height in sizes:
                    window.resize(width, height)
                    work()
                    shown = show(window)
                    work()
                    folder = given.folder / f"{mode} {code} {width}x{height}"
                    folder.mkdir(parents=True, exist_ok=True)
                    picture(window, shown).save(str(folder / f"{name}.png"))
                    for line in cut_texts(shown or window):
                        print(f"{folder.name} {name}: {line}")
                    leave(window)


if __name__ == "__main__":
    main()
