"""What an import would do, before it is done: which tensors fit, which do not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from cnnviz.importing.matching import sizes
from cnnviz.layers import Vector
from cnnviz.message import Message
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.text_table import Cell, Contents, TextTable, plain_rows

if TYPE_CHECKING:
    from cnnviz.importing.matching import Matching, Miss
    from ui.session import Session

_WIDTH, _HEIGHT = 900, 560
_STEPS = 1000


class ImportDialog(QDialog):
    """The tensors in a table, a new head and frozen layers to tick, and a bar while it reads."""

    wanted = Signal()
    """The person has said yes."""
    given_up = Signal()
    """The person has said no, or enough."""

    def __init__(self, session: Session, matching: Matching, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._session, self._matching = session, matching
        self._way, self._count = Label("", "heading"), Label()
        self._way.setWordWrap(True)
        self.tensors = TextTable()
        self.normalise, self.new_head, self.freeze = QCheckBox(), QCheckBox(), QCheckBox()
        colored = session.network.input.channels == 3
        if not colored:
            self.normalise.hide()
        self.normalise.setChecked(colored and matching.way == "torchvision")
        classes = len(session.dataset.classes)
        self.new_head.setChecked(session.report.output != Vector(classes))
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.hide()
        self.take, self.cancel = Button(primary=True), Button()
        self.take.clicked.connect(self._begin)
        self.cancel.clicked.connect(self.reject)
        buttons = QDialogButtonBox()
        buttons.addButton(self.take, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addWidget(self._way)
        column.addWidget(self._count)
        column.addWidget(self.tensors, 1)
        for widget in (self.normalise, self.new_head, self.freeze, self._bar, buttons):
            column.addWidget(widget)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self.retranslate()
        room = screen_room.of(self)
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))
        self.take.setFocus()

    def show_progress(self, share: float) -> None:
        """How much has been read, from 0 to 1."""
        self._bar.setValue(round(share * _STEPS))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        matching, report = self._matching, self._session.report
        self.setWindowTitle(tr("Import weights"))
        self._way.setText(text(matching.said))
        self._count.setText(
            tr(
                "{n:,} of the network's {all:,} tensors take {values:,} numbers from {file}.",
                n=len(matching.matches),
                all=len(report.tensor_keys()),
                values=matching.values,
                file=matching.file.path.name,
            )
        )
        self.tensors.setAccessibleName(tr("Tensors"))
        lines = self._lines()
        head = ("", tr("Network"), tr("Tensor"), tr("Shape"), tr("File"))
        self.tensors.set_contents(Contents(head, len(lines), plain_rows(lines)))
        self.normalise.setText(
            tr("Normalise images as for ImageNet, with a frozen batch norm in front")
        )
        self.normalise.setToolTip(
            tr(
                "Published weights expect images with mean 0 and deviation 1 over ImageNet; here "
                "images are from 0 to 1."
            )
        )
        self.new_head.setText(
            tr(
                "New head: a dense layer for the {n:,} classes of {dataset} in place of the last",
                n=len(self._session.dataset.classes),
                dataset=text(self._session.dataset.title),
            )
        )
        self.freeze.setText(tr("Freeze all layers but the head"))
        self._bar.setAccessibleName(tr("Reading"))
        self.take.setText(tr("Import"))
        self.cancel.setText(tr("Cancel"))

    def reject(self) -> None:
        self.given_up.emit()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.given_up.emit()
        super().closeEvent(event)

    def _begin(self) -> None:
        for widget in (self.take, self.normalise, self.new_head, self.freeze):
            widget.setEnabled(False)
        self._bar.show()
        self.cancel.setFocus()
        self.wanted.emit()

    def _lines(self) -> list[tuple[Cell, ...]]:
        """What does not fit, of the network and of the file, then what does, in its order."""
        placed = {match.key: match.tensor.name for match in self._matching.matches}
        missing = {(miss.uid, miss.name): miss for miss in self._matching.missing}
        lines, left = [], []
        for uid, name, shape in self._session.report.tensor_keys():
            layer = self._session.report.row(uid).layer
            title = f"{text(layer.name)} {layer.detail}".rstrip()
            source = placed.get((uid, name, shape))
            if source is not None:
                lines.append(_line("✓", tr("fits"), title, name, shape, Cell(source)))
            else:
                reason = Cell(text(missing[uid, name].reason), quiet=True)
                left.append(_line("—", tr("left as it is"), title, name, shape, reason))
        return [*left, *map(_unused, self._matching.unused), *lines]


def _line(
    mark: str, said: str, layer: str, tensor: str, shape: tuple[int, ...], source: Cell
) -> tuple[Cell, ...]:
    missing = source.quiet
    return (
        Cell(mark, strong=not missing, centred=True, tip=said, spoken=said),
        Cell(layer, quiet=missing),
        Cell(tensor, quiet=missing),
        Cell(sizes(shape), quiet=missing, number=True),
        source,
    )


def _unused(miss: Miss) -> tuple[Cell, ...]:
    reason = text(miss.reason)
    mark = Cell("+", quiet=True, centred=True, tip=reason, spoken=reason)
    cells = (Cell(words, quiet=True) for words in (reason, ""))
    return (mark, *cells, Cell(sizes(miss.shape), quiet=True, number=True),
            Cell(miss.name, quiet=True))  # fmt: skip


def outcome(matching: Matching) -> Message:
    """What to say when it is done."""
    return Message(
        "Imported {n:,} tensors from {file}. Undo brings back what was before.",
        n=len(matching.matches),
        file=matching.file.path.name,
    )
