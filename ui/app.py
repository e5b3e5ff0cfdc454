"""The program: command line, application, window.

Qt is imported inside `main`, because the engine process imports this module again when it starts.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; the exit status."""
    parser = argparse.ArgumentParser(
        prog="cnnviz",
        description="Stack a convolutional network, train it, look inside it and draw for it. "
        "Without a window: python -m cnnviz --help",
    )
    parser.add_argument("file", nargs="?", type=Path, help="a .cnnviz project or a .json network")
    parser.add_argument("--language", choices=("en", "zh_CN"), help="instead of the chosen one")
    parser.add_argument(
        "--theme",
        choices=("light", "dark", "system", "contrast_light", "contrast_dark"),
        help="likewise",
    )
    parser.add_argument("--scale", type=float, help="size of type and paddings, 1.0 to 2.0")
    parser.add_argument("--version", action="version", version=f"CNNviz {__version__}")
    given = parser.parse_args(arguments)
    _import_numpy()

    from PySide6.QtWidgets import QApplication

    from ui import settings
    from ui.crash import catch_crashes
    from ui.i18n import language, system_language
    from ui.icons import icon
    from ui.main_window import MainWindow
    from ui.theme import theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("CNNviz")
    app.setApplicationVersion(__version__)
    app.setOrganizationName("CNNviz")
    app.setDesktopFileName("cnnviz")
    language.set(given.language or settings.language() or system_language())
    language.set_channels_first(settings.channels_first())
    theme.set_reduced_motion(settings.reduced_motion())
    theme.set_mode(given.theme or settings.theme_mode())
    theme.prepare(app, given.scale or settings.scale())
    app.setWindowIcon(icon("conv2d", size=64))
    window = MainWindow()
    theme.apply(app)
    catch_crashes(window.report_crash)
    window.show()
    window.begin(given.file)
    # What is there now stays. Looking through all of it for garbage again and again would stop the
    # window for 20 ms each time.
    gc.freeze()
    return app.exec()


def _import_numpy() -> None:
    """Import it for one thread: the window multiplies no matrices, and threads take their time.

    The engine, which does, must not inherit that.
    """
    name = "OPENBLAS_NUM_THREADS"
    chosen = os.environ.get(name)
    os.environ[name] = "1"
    import numpy as np  # noqa: F401

    del os.environ[name]
    if chosen is not None:
        os.environ[name] = chosen
