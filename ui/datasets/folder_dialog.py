"""A person's own pictures: what is in the folder, how large they are made, and reading them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from cnnviz.data.folder_images import Decoded, read_steps, together
from cnnviz.data.folders import LARGEST_SIDE, Listing, chosen, list_steps
from cnnviz.message import Message
from ui.datasets.job import Job
from ui.i18n import language, listed, text, tr
from ui.numerals import size_words
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label
from ui.widgets.number_fields import IntField

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.data.folders import ImageFolder, Part
    from cnnviz.network import Input

_WIDTH = 520
_STEPS = 1000
_MOST_NAMES = 16


def prepare_steps(
    folder: ImageFolder,
) -> Generator[tuple[int, int], None, tuple[ImageFolder, Message | None]]:
    """Read all pictures into the cache; yields how many of how many have been looked at.

    Returns the folder with the numbers of pictures that can be read, and what to say of the others.
    """
    total = max(folder.train_count + folder.test_count, 1)
    found: list[Decoded] = []
    parts: tuple[tuple[Part, int], ...] = (("train", 0), ("test", folder.train_count))
    for part, before in parts:
        steps = read_steps(folder, part)
        while True:
            try:
                done, _ = next(steps)
                yield min(before + done, total), total
            except StopIteration as end:
                found.append(end.value)
                break
    train_count, test_count = (len(part.labels) for part in found)
    changed = msgspec.structs.replace(folder, train_count=train_count, test_count=test_count)
    return changed, together(found)


class FolderDialog(QDialog):
    """Goes through a folder, asks for the size of the images, and reads them all once."""

    ready = Signal(object)
    """ImageFolder: to be learned from."""
    told = Signal(object)
    """Message: what of it could not be used."""

    def __init__(self, path: Path, image: Input, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._path = path
        self._listing: Listing | None = None
        self._trouble: Message | None = None
        self._seen = 0
        self.where, self.found, self.notes = Label(role="heading"), Label(), Label(role="warning")
        self.cost = Label(role="muted")
        for label in (self.where, self.found, self.notes, self.cost):
            label.setWordWrap(True)
        self.rows, self.columns = IntField(1, LARGEST_SIDE), IntField(1, LARGEST_SIDE)
        self.rows.set_value(min(image.height, LARGEST_SIDE))
        self.columns.set_value(min(image.width, LARGEST_SIDE))
        self.channels = ChoiceField()
        self.channels.set_value(1 if image.channels == 1 else 3)
        for field in (self.rows, self.columns, self.channels):
            field.edited.connect(lambda _: self._show())
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.take, self.cancel = Button(primary=True), Button()
        self.take.clicked.connect(self._begin)
        self.cancel.clicked.connect(self.reject)
        self._lay_out()
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self._job = self._start(Job(lambda: list_steps(path), self))
        self._job.stepped.connect(self._count)
        self._job.done.connect(self._listed)
        self._job.start()
        self.retranslate()
        self.resize(theme.px(_WIDTH), self.sizeHint().height())

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Folder of pictures"))
        self._labels["height"].setText(tr("Height"))
        self._labels["width"].setText(tr("Width"))
        self._labels["channels"].setText(tr("Colours"))
        self.channels.set_choices([(1, tr("grey")), (3, tr("red, green and blue"))])
        for name, field in (
            (tr("Height"), self.rows), (tr("Width"), self.columns), (tr("Colours"), self.channels),
        ):  # fmt: skip
            field.setAccessibleName(name)
        self.take.setText(tr("Use this data set"))
        self.cancel.setText(tr("Cancel"))
        self._bar.setAccessibleName(tr("Progress"))
        self._show()

    def reject(self) -> None:
        self._job.close()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._job.close()
        super().closeEvent(event)

    # --- inside -------------------------------------------------------------------------------

    def _start(self, job: Job) -> Job:
        job.failed.connect(self._fail)
        self._bar.setRange(0, 0)
        return job

    def _folder(self) -> tuple[ImageFolder, Message | None] | None:
        """What is chosen; None while it cannot be."""
        sides = self.rows.value(), self.columns.value()
        if self._listing is None or not all(1 <= side <= LARGEST_SIDE for side in sides):
            return None
        return chosen(self._path, self._listing, *sides, self.channels.value())

    def _show(self) -> None:
        self.where.setText(str(self._path))
        listing, found = self._listing, self._folder()
        busy = self._bar.isVisibleTo(self)
        self.take.setEnabled(found is not None and not busy)
        if listing is None:
            self.found.setText(tr("{n:,} pictures so far…", n=self._seen))
        else:
            self.found.setText(self._listing_words(listing))
        words = [] if self._trouble is None else [text(self._trouble)]
        if found is not None and found[1] is not None:
            words.append(text(found[1]))
        self.notes.setText("\n".join(words))
        self.notes.setVisible(bool(words))
        if self._trouble is not None:
            self.found.clear()
        self.cost.setText("" if found is None else self._cost_words(found[0]))
        self._grow()

    def _grow(self) -> None:
        """As high as the words that there are now want it; never lower, under the pointer."""
        column = self.layout()
        if column is not None:
            column.activate()
            needed = column.totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))

    def _listing_words(self, listing: Listing) -> str:
        counts = [0] * len(listing.classes)
        for picture in (*listing.train, *listing.test):
            counts[picture.label] += 1
        some = [f"{n} ({c:,})" for n, c in zip(listing.classes, counts, strict=True)][:_MOST_NAMES]
        more = " …" if len(counts) > _MOST_NAMES else ""
        lines = [
            tr("{n} classes: {names}", n=len(counts), names=listed(some) + more),
            tr(
                "{train:,} training images, {test:,} test images",
                train=len(listing.train),
                test=len(listing.test),
            ),
        ]
        if not listing.parted:
            lines.append(
                tr("A sixth of each class is put aside for the test, always the same pictures.")
            )
        return "\n".join(lines)

    def _cost_words(self, folder: ImageFolder) -> str:
        count = folder.train_count + folder.test_count
        size = count * folder.height * folder.width * folder.channels
        return tr(
            "Each picture covers {height}×{width} pixels and is cut at the sides that stand over; "
            "together {size}.",
            height=folder.height,
            width=folder.width,
            size=size_words(size),
        )

    def _count(self, seen: int) -> None:
        self._seen = seen
        self._show()

    def _listed(self, listing: Listing) -> None:
        self._listing = listing
        self._bar.hide()
        self._show()
        self.take.setFocus()

    def _fail(self, message: Message) -> None:
        self._trouble = message
        self._bar.hide()
        for field in (self.rows, self.columns, self.channels):
            field.setEnabled(True)
        self._show()

    def _begin(self) -> None:
        found = self._folder()
        if found is None:
            return
        folder = found[0]
        self._trouble = None
        self._bar.show()
        for field in (self.rows, self.columns, self.channels):
            field.setEnabled(False)
        self._job = self._start(Job(lambda: prepare_steps(folder), self))
        self._job.stepped.connect(self._advance)
        self._job.done.connect(self._finish)
        self._job.start()
        self._show()
        self.cancel.setFocus()

    def _advance(self, step: tuple[int, int]) -> None:
        done, total = step
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(round(_STEPS * done / total))
        self.found.setText(tr("{done:,} of {total:,} pictures read", done=done, total=total))

    def _finish(self, result: tuple[ImageFolder, Message | None]) -> None:
        folder, note = result
        self.ready.emit(folder)
        if note is not None:
            self.told.emit(note)
        self.accept()

    def _lay_out(self) -> None:
        self._labels = {name: Label(role="label") for name in ("height", "width", "channels")}
        form = QFormLayout()
        for name, field in (
            ("height", self.rows), ("width", self.columns), ("channels", self.channels),
        ):  # fmt: skip
            row = QHBoxLayout()
            row.addWidget(field)
            row.addStretch(1)
            form.addRow(self._labels[name], row)
        buttons = QDialogButtonBox()
        buttons.addButton(self.take, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addWidget(self.where)
        column.addWidget(self.found)
        column.addWidget(self.notes)
        column.addLayout(form)
        column.addWidget(self.cost)
        column.addWidget(self._bar)
        column.addStretch(1)
        column.addWidget(buttons)
