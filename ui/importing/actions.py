"""What transfer learning needs, as actions: weights from a file, a new head, frozen layers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from cnnviz.message import Message
from cnnviz.transfer import body, head, thawable, with_frozen, with_new_head
from ui.able import allow
from ui.i18n import language, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.documents import Documents
    from ui.importing.importer import Importer
    from ui.session import Session


class TransferActions(QObject):
    """The actions and their keys; each is one step that can be undone."""

    told = Signal(object)
    """Message: what has been done."""

    def __init__(self, session: Session, documents: Documents, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._documents, self._window = session, documents, window
        self.weights = self._action(self._ask, "Ctrl+Shift+I")
        self.new_head = self._action(self._put_new_head, "Ctrl+Shift+H")
        self.freeze_body = self._action(self._freeze_body, "Ctrl+Shift+F")
        self.unfreeze = self._action(self._unfreeze_all, "Ctrl+Shift+U")
        session.changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @cached_property
    def importer(self) -> Importer:
        """Made when it is first needed."""
        from ui.importing.importer import Importer

        importer = Importer(self._session, self._documents, self._window)
        importer.told.connect(self.told)
        return importer

    def learning(self) -> list[QAction]:
        """For the menu of training."""
        return [self.new_head, self.freeze_body, self.unfreeze]

    def retranslate(self) -> None:
        """Set all texts."""
        self.weights.setText(tr("Import weights…"))
        self.freeze_body.setText(tr("Freeze all layers but the head"))
        self.unfreeze.setText(tr("Unfreeze all layers"))
        self.refresh()

    def refresh(self) -> None:
        """Name the classes, and allow what is possible."""
        session, report = self._session, self._session.report
        self.new_head.setText(
            tr(
                "New head for the {n:,} classes of {dataset}",
                n=len(session.dataset.classes),
                dataset=text(session.dataset.title),
            )
        )
        none = Message("No layer has weights")
        allow(self.weights, None if report.tensor_keys() else none)
        able = [row for row in report.rows if row.tensors]
        allow(self.unfreeze, None if thawable(report) else Message("No layer is frozen"))
        last = head(report.network)
        free = any(not row.frozen and (last is None or row.layer.uid != last.uid) for row in able)
        allow(
            self.freeze_body, None if free else Message("No layer but the head is left to freeze")
        )

    # --- what they do -------------------------------------------------------------------------

    def _ask(self) -> None:
        self.importer.ask()

    def _put_new_head(self) -> None:
        session = self._session
        network = with_new_head(session.report, len(session.dataset.classes))
        self._session.edit(network, Message("New head"))

    def _freeze_body(self) -> None:
        report = self._session.report
        network = with_frozen(report.network, body(report), frozen=True)
        self._session.edit(network, Message("Freeze all layers but the head"))

    def _unfreeze_all(self) -> None:
        report = self._session.report
        network = with_frozen(report.network, thawable(report), frozen=False)
        self._session.edit(network, Message("Unfreeze all layers"))

    def _action(self, do: Callable[[], object], keys: str) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: do())
        self._window.addAction(action)
        return action
