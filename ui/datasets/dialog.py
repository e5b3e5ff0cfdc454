"""All data sets that the program knows: what they are, and how to get those that are not here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.published import PACKAGES
from cnnviz.data.storage import data_folder
from cnnviz.message import Message
from ui.able import allow_widget
from ui.file_dialog import file_dialog
from ui.i18n import class_names, language, listed, text, tr
from ui.numerals import size_words
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.text_table import Cell, Contents, TextTable, plain_rows

if TYPE_CHECKING:
    from cnnviz.data.catalogue import DataSet
    from cnnviz.data.fetching import Step
    from ui.datasets.library import Library

_WIDTH, _HEIGHT = 720, 560
_STEPS = 1000
_NAMES = list(DATA_SETS)


class DataDialog(QDialog):
    """A table of the data sets, and below it all about the one that is chosen.

    It stands beside the window: a long download goes on while one works, and also when this is
    closed.
    """

    wanted = Signal(str)
    """The data set to learn from."""
    folder_wanted = Signal()
    """A folder of pictures is to be chosen."""

    def __init__(self, library: Library, parent: QWidget) -> None:
        super().__init__(parent)
        self._library = library
        self.table = TextTable()
        self.about, self.facts, self.source = Label(role="heading"), Label(), Label(role="muted")
        self.state, self._bar = Label(), QProgressBar()
        for label in (self.about, self.facts, self.source, self.state):
            label.setWordWrap(True)
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self.get, self.stop = Button(primary=True), Button()
        self.from_file, self.from_folder = Button(), Button()
        self.use, self.folder, self.shut = Button(), Button(), Button()
        self.get.clicked.connect(lambda: self._library.fetch(self._known.package))
        self.stop.clicked.connect(lambda: self._library.cancel(self._known.package))
        self.from_file.clicked.connect(lambda: self._ask(QFileDialog.FileMode.ExistingFile))
        self.from_folder.clicked.connect(lambda: self._ask(QFileDialog.FileMode.Directory))
        self.use.clicked.connect(self._use)
        self.folder.clicked.connect(self.close)
        self.folder.clicked.connect(self.folder_wanted)
        self.shut.clicked.connect(self.close)
        self._lay_out()
        library.changed.connect(self.refresh)
        library.stepped.connect(self._show_step)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        self.table.doubleClicked.connect(lambda _: self._use())
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self.retranslate()
        self.choose(_NAMES[0])
        room = screen_room.of(self)
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))

    def choose(self, name: str) -> None:
        """Bring a data set to the front."""
        self.table.selectRow(_NAMES.index(name))
        self.table.setFocus()
        self._show_chosen()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Data sets"))
        self.table.setAccessibleName(tr("Data sets"))
        self.stop.setText(tr("Cancel"))
        self.from_file.setText(tr("From a file…"))
        self.from_file.setToolTip(tr("Take it from an archive or a USB stick, without a network."))
        self.from_folder.setText(tr("From a folder…"))
        self.from_folder.setToolTip(tr("Take it from a folder that holds the published files."))
        self.use.setText(tr("Use this data set"))
        self.folder.setText(tr("Folder of pictures…"))
        self.shut.setText(tr("Close"))
        self._bar.setAccessibleName(tr("Progress"))
        self.refresh()

    def refresh(self) -> None:
        """Show what is here now."""
        head = ("", tr("Data set"), tr("Images"), tr("Size"), tr("Classes"), tr("To fetch"))
        lines = [self._line(known) for known in DATA_SETS.values()]
        self.table.set_contents(Contents(head, len(lines), plain_rows(lines)))
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(theme.px(140))
        self._show_chosen()

    # --- inside -------------------------------------------------------------------------------

    @property
    def _known(self) -> DataSet:
        return DATA_SETS[_NAMES[max(self.table.currentIndex().row(), 0)]]

    def _line(self, known: DataSet) -> tuple[Cell, ...]:
        here, coming = self._library.is_here(known.name), self._library.is_coming(known.package)
        said = tr("here") if here else tr("on its way") if coming else tr("Not on this machine")
        size = f"{known.height}×{known.width}×{known.channels}"
        cells = (
            Cell(text(known.title), tip=text(known.about)),
            Cell(f"{known.train_count + known.test_count:,}", number=True),
            Cell(size, number=True),
            Cell(f"{len(known.names)}", number=True),
            Cell("" if here else size_words(PACKAGES[known.package].size), number=True),
        )
        mark = "✓" if here else "…" if coming else ""
        return (Cell(mark, centred=True, tip=said, spoken=said), *cells)

    def _show_chosen(self) -> None:
        known, library = self._known, self._library
        names = class_names(known)
        self.about.setText(text(known.about))
        some = listed(names[:12]) + (" …" if len(names) > 12 else "")
        self.facts.setText(
            tr(
                "{train:,} training images, {test:,} test images of {height}×{width}; "
                "{n} classes: {names}",
                train=known.train_count,
                test=known.test_count,
                height=known.height,
                width=known.width,
                n=len(names),
                names=some,
            )
        )
        self.source.setText(
            tr("{source}\nLicence: {licence}", source=known.source, licence=known.licence)
        )
        here, coming = library.is_here(known.name), library.is_coming(known.package)
        absent = bool(known.package) and not here
        for button in (self.get, self.from_file, self.from_folder):
            button.setVisible(absent and not coming)
        self.stop.setVisible(coming)
        self.stop.setEnabled(not library.is_stopping(known.package))
        self.use.setVisible(not coming)
        allow_widget(self.use, None if here else Message("Get it first"))
        self._bar.setVisible(coming)
        if absent:
            size = PACKAGES[known.package].size
            self.get.setText(tr("Get it ({size})", size=size_words(size)))
        self.state.setText(self._state_words(known))
        trouble = library.trouble(known.package)
        self.state.set_role("danger" if trouble is not None and not coming else "body")
        self._show_step(known.package)

    def _state_words(self, known: DataSet) -> str:
        library, package = self._library, known.package
        if not package:
            return tr("It comes with the program.")
        if library.is_coming(package):
            return ""
        trouble = library.trouble(package)
        if trouble is not None:
            return text(trouble)
        if library.is_here(known.name):
            return tr("It is on this machine, in {folder}.", folder=str(data_folder()))
        others = [
            text(other.title)
            for other in DATA_SETS.values()
            if other.package == package and other is not known
        ]
        if others:
            return tr("{others} come along with it.", others=listed(others))
        return tr("It is fetched once, checked, and kept for you.")

    def _show_step(self, package: str) -> None:
        step = self._library.step(package)
        if package != self._known.package or not self._library.is_coming(package):
            return
        stopping = self._library.is_stopping(package)
        if step is None or stopping:
            self._bar.setRange(0, 0)
            self.state.setText(tr("Stopping…") if stopping else tr("Connecting…"))
            return
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(round(_STEPS * step.done / max(step.total, 1)))
        self.state.setText(_words(step))

    def _use(self) -> None:
        if self._library.is_here(self._known.name):
            self.close()
            self.wanted.emit(self._known.name)

    def _ask(self, mode: QFileDialog.FileMode) -> None:
        known = self._known
        dialog = file_dialog(self, tr("Take {name} from", name=known.title))
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            names = " ".join(f"*{Path(file.name).suffix}" for file in PACKAGES[known.package].files)
            some = " ".join(dict.fromkeys(names.split()))
            dialog.setNameFilters([f"{tr('Archives')} ({some})", tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda path: self._library.add(known.package, Path(path)))
        dialog.open()

    def _lay_out(self) -> None:
        role = QDialogButtonBox.ButtonRole
        ways = QHBoxLayout()
        for button in (self.get, self.from_file, self.from_folder, self.stop):
            ways.addWidget(button)
        ways.addStretch(1)
        ways.addWidget(self.use)
        below = QDialogButtonBox()
        below.addButton(self.folder, role.ActionRole)
        below.addButton(self.shut, role.RejectRole)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        for label in (self.about, self.facts, self.source, self.state):
            column.addWidget(label)
        column.addWidget(self._bar)
        column.addLayout(ways)
        column.addWidget(below)
        self.setWindowModality(Qt.WindowModality.NonModal)
        for button in (self.get, self.stop, self.use, self.folder, self.shut):
            button.setAutoDefault(False)


def _words(step: Step) -> str:
    """What is being done, and how far it is."""
    done, total = size_words(step.done), size_words(step.total)
    words = {"file": step.file, "done": done, "total": total}
    return {
        "fetching": tr("Fetching {file}: {done} of {total}", **words),
        "waiting": tr("Waiting for {file}; {done} of {total} are here", **words),
        "checking": tr("Checking {file}…", file=step.file),
        "unpacking": tr("Unpacking {file}…", file=step.file),
    }[step.doing]
