"""What happens to an exception that nobody expected: a line for the person, the rest in a log."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from types import TracebackType


def data_folder() -> Path:
    """Where the program keeps what is its own: autosaves and the log."""
    location = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(location))


def catch_crashes(tell: Callable[[Path], None]) -> None:
    """Log whatever exception reaches Qt, and `tell` where, instead of printing a traceback."""
    path = data_folder() / "cnnviz.log"

    def caught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _log_to(path).error("unexpected", exc_info=(kind, error, trace))
        tell(path)

    sys.excepthook = caught


@cache
def _log_to(path: Path) -> logging.Logger:
    import logging  # slow to import, and needed only if something goes wrong
    from logging.handlers import RotatingFileHandler

    log = logging.getLogger("cnnviz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log.addHandler(RotatingFileHandler(path, maxBytes=1 << 20, backupCount=1, delay=True))
    except OSError:  # without a log the program is as useful as with one
        log.addHandler(logging.NullHandler())
    return log
