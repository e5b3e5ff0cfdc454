"""A table of numbers as a CSV file, for other programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from cnnviz.atomic import replacing
from cnnviz.message import Message
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from cnnviz.arithmetic.text import Cell


def choose_table_file(parent: QWidget, chosen: Callable[[Path], None]) -> None:
    """Ask for a file, and hand it on."""
    dialog = QFileDialog(parent, tr("Save the numbers as a table"))
    dialog.setNameFilters(["CSV (*.csv)"])
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    dialog.selectFile("pixel.csv")
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write_table(path: Path, table: Sequence[Sequence[Cell]]) -> Message:
    """Write a table, and say so.

    Raises:
        UserError: it cannot be written.
    """
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(table)
    with replacing(path) as stream:
        stream.write(lines.getvalue().encode("utf-8-sig"))  # Excel wants the mark
    return Message("Written: {file}", file=str(path))
