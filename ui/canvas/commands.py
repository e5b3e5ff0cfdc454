"""What can be done on the canvas, as actions with keys, for the menus and the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnviz.layers import Branches
from cnnviz.message import Message, UserError
from cnnviz.network import Place
from cnnviz.rearrange import layers_of, outermost
from cnnviz.transfer import freezable, with_frozen
from ui.able import allow
from ui.canvas import clipboard, navigation
from ui.i18n import language, tr
from ui.icons import icon
from ui.theme import theme
from ui.widgets.menu_groups import in_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.network import Network
    from ui.canvas.canvas import Canvas
    from ui.session import Session

    Target = Callable[[Network, Sequence[str]], Place | None]


SELECT_FIRST = Message("Select a layer first")
LAST_BRANCH = Message("A block keeps one branch at least")
_NO_BLOCK = Message("Select a block first, or a layer in one")
_NO_BLOCKS = Message("The network has no blocks")


class _Entry(NamedTuple):
    """An action, what it says now, whether it is possible now, and else why not."""

    action: QAction
    words: Callable[[], str]
    able: Callable[[], bool]
    reason: Callable[[], Message]
    icon: str


class Commands(QObject):
    """The actions; their keys work while the canvas, to which they are added, has the focus."""

    refused = Signal(object)
    """Message: why something could not be done."""

    def __init__(self, session: Session, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas = session, canvas
        self._entries: list[_Entry] = []
        self._uids: tuple[str, ...] = ()
        some = lambda: bool(self._uids)  # noqa: E731
        self.duplicate = self._add(
            lambda: tr("Duplicate"), self._duplicate, some, ["Ctrl+D"], "duplicate"
        )
        self.delete = self._add(
            lambda: tr("Delete"),
            self._delete,
            self._can_delete,
            ["Del", "Backspace"],
            "delete",
            lambda: LAST_BRANCH if self._session.empty_branch else SELECT_FIRST,
        )
        self.cut = self._add(lambda: tr("Cut"), self._cut, some, ["Ctrl+X"])
        self.copy = self._add(lambda: tr("Copy"), self._copy, some, ["Ctrl+C"])
        self.paste = self._add(lambda: tr("Paste"), self._paste, lambda: True, ["Ctrl+V"])
        self.select_all = self._add(
            lambda: tr("Select all layers"),
            self._select_all,
            self._has_layers,
            ["Ctrl+A"],
            reason=Message("The network has no layers"),
        )
        self.freeze = self._add(
            self._freeze_words,
            self._freeze,
            lambda: bool(self._freezable()),
            ["F"],
            "frozen",
            self._why_not_frozen,
        )
        self.disable = self._add(self._disable_words, self._disable, some, ["Ctrl+/"], "disabled")
        self.move_left = self._mover(
            lambda: tr("Move left"),
            navigation.moved_left,
            Message("It is the first in its row already"),
            "Ctrl+Shift+Left",
            "Alt+Left",
        )
        self.move_right = self._mover(
            lambda: tr("Move right"),
            navigation.moved_right,
            Message("It is the last in its row already"),
            "Ctrl+Shift+Right",
            "Alt+Right",
        )
        self._moves = [
            self._mover(
                lambda: tr("To the branch above"),
                lambda network, uids: navigation.moved_aside(network, uids, -1),
                Message("There is no branch above"),
                "Alt+Up",
            ),
            self._mover(
                lambda: tr("To the branch below"),
                lambda network, uids: navigation.moved_aside(network, uids, +1),
                Message("There is no branch below"),
                "Alt+Down",
            ),
            self._mover(
                lambda: tr("Into the block on the left"),
                lambda network, uids: navigation.moved_into(network, uids, -1),
                Message("No block stands on its left"),
                "Alt+Shift+Left",
            ),
            self._mover(
                lambda: tr("Into the block on the right"),
                lambda network, uids: navigation.moved_into(network, uids, +1),
                Message("No block stands on its right"),
                "Alt+Shift+Right",
            ),
            self._mover(
                lambda: tr("Out of the block"),
                navigation.moved_out,
                Message("It is in no block"),
                "Alt+Shift+Up",
            ),
        ]
        in_block = lambda: bool(self._block())  # noqa: E731
        self.fold = self._add(self._fold_words, self._fold, in_block, ["Space"], reason=_NO_BLOCK)
        self._blocks = [
            self._add(
                lambda: tr("Wrap in a block"),
                self._wrap,
                self._can_wrap,
                ["Ctrl+G"],
                reason=self._of_selected(Message("Select layers that stand in one row")),
            ),
            self._add(
                lambda: tr("Unwrap"),
                self._unwrap,
                self._is_block,
                ["Ctrl+Shift+G"],
                reason=self._of_selected(Message("Select one block, and nothing else")),
            ),
            self._add(
                lambda: tr("Add a branch"),
                self._add_branch,
                in_block,
                ["Ctrl+B"],
                reason=_NO_BLOCK,
            ),
            self._add(
                lambda: tr("Remove the branch"),
                self._remove_branch,
                self._can_remove_branch,
                ["Ctrl+Shift+B"],
                reason=lambda: LAST_BRANCH if self._block() else _NO_BLOCK,
            ),
            self.fold,
            self._add(
                lambda: tr("Fold all blocks"),
                canvas.fold_all,
                self._has_blocks,
                [],
                reason=_NO_BLOCKS,
            ),
            self._add(
                lambda: tr("Unfold all blocks"),
                canvas.unfold_all,
                self._has_blocks,
                [],
                reason=_NO_BLOCKS,
            ),
        ]
        self.zoom_in = self._add(lambda: tr("Zoom in"), canvas.zoom_in, lambda: True, ["Ctrl+="])
        self.zoom_out = self._add(lambda: tr("Zoom out"), canvas.zoom_out, lambda: True, ["Ctrl+-"])
        self.fit = self._add(
            lambda: tr("Fit network in view"), canvas.fit, lambda: True, ["Ctrl+0"]
        )
        for action in (
            self.duplicate,
            self.disable,
            *self.view(),
        ):  # these keys mean nothing in a text field
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._move_menu, self._block_menu = QMenu(canvas), QMenu(canvas)
        self._move_menu.addActions(self._moves)
        self._block_menu.addActions(self._blocks)
        self._all = in_groups(
            self,
            [self.duplicate, self.delete],
            [self.cut, self.copy, self.paste, self.select_all],
            [self.freeze, self.disable],
            [self.move_left, self.move_right],
            [self._move_menu.menuAction(), self._block_menu.menuAction()],
        )
        session.changed.connect(self.refresh)
        session.selected_changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return self._all

    def view(self) -> list[QAction]:
        """What changes only how the canvas is seen."""
        return [self.zoom_in, self.zoom_out, self.fit]

    def retranslate(self) -> None:
        """Set all texts and icons."""
        self._move_menu.setTitle(tr("Move"))
        self._block_menu.setTitle(tr("Block"))
        for entry in self._entries:
            entry.action.setText(entry.words())
            if entry.icon:
                entry.action.setIcon(icon(entry.icon))
        self.refresh()

    def refresh(self) -> None:
        """Allow what is possible with the selection."""
        # Where an empty branch is chosen, its block is not meant.
        chosen = () if self._session.empty_branch else self._session.selected
        self._uids = outermost(self._session.network, chosen)
        for entry in self._entries:
            allow(entry.action, None if entry.able() else entry.reason())
        for action, words in (
            (self.fold, self._fold_words),
            (self.freeze, self._freeze_words),
            (self.disable, self._disable_words),
        ):
            action.setText(words())

    # --- making -------------------------------------------------------------------------------

    def _add(
        self,
        words: Callable[[], str],
        do: Callable[[], object],
        able: Callable[[], bool],
        keys: Sequence[str],
        icon_name: str = "",
        reason: Message | Callable[[], Message] = SELECT_FIRST,
    ) -> QAction:
        action = QAction(self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: do())
        self._canvas.addAction(action)
        why = (lambda: reason) if isinstance(reason, Message) else reason
        self._entries.append(_Entry(action, words, able, why, icon_name))
        return action

    def _of_selected(self, reason: Message) -> Callable[[], Message]:
        """Why something is not possible with what is selected, if anything is."""
        return lambda: reason if self._uids else SELECT_FIRST

    def _mover(
        self, words: Callable[[], str], target: Target, reason: Message, *keys: str
    ) -> QAction:
        def place() -> Place | None:
            return target(self._session.network, self._uids) if self._uids else None

        def move() -> None:
            found = place()
            if found is not None:
                self._session.move(self._uids, found)

        why = self._of_selected(reason)
        return self._add(words, move, lambda: place() is not None, keys, reason=why)

    # --- the selection ------------------------------------------------------------------------

    def _duplicate(self) -> None:
        self._session.duplicate(*self._uids)

    def _can_delete(self) -> bool:
        """An empty branch goes as a layer does."""
        return self._can_remove_branch() if self._session.empty_branch else bool(self._uids)

    def _delete(self) -> None:
        if self._session.empty_branch:
            self._remove_branch()
        else:
            self._session.delete(*self._uids)

    def _copy(self) -> None:
        network = self._session.network
        text = clipboard.written(layers_of(network, self._uids), network.input)
        QGuiApplication.clipboard().setText(text)

    def _cut(self) -> None:
        self._copy()
        self._delete()

    def _paste(self) -> None:
        session = self._session
        try:
            pasted = clipboard.read(QGuiApplication.clipboard().text())
        except UserError as error:
            self.refused.emit(error.message)
            return
        session.paste(pasted)

    def _freezable(self) -> tuple[str, ...]:
        """Of what is selected, and of what is in it, the layers that have learned something."""
        return freezable(self._session.report, self._uids)

    def _why_not_frozen(self) -> Message:
        rows = [self._session.report.row(uid) for uid in self._uids]
        if any(row.output is None for row in rows):
            return Message("It has no weights before the network fits")
        return Message("Nothing that is selected has weights") if rows else SELECT_FIRST

    def _frozen(self) -> bool:
        """Whether all of them are frozen, so that they can be thawed."""
        report, uids = self._session.report, self._freezable()
        return bool(uids) and all(report.row(uid).frozen for uid in uids)

    def _freeze_words(self) -> str:
        return tr("Unfreeze") if self._frozen() else tr("Freeze")

    def _freeze(self) -> None:
        session, uids, thaw = self._session, self._freezable(), self._frozen()
        network = with_frozen(session.network, uids, frozen=not thaw)
        if len(self._uids) == 1:
            name = session.network.layer(self._uids[0]).name
            label = (
                Message("Unfreeze {layer}", layer=name)
                if thaw
                else Message("Freeze {layer}", layer=name)
            )
        else:
            label = (
                Message("Unfreeze {n:,} layers", n=len(uids))
                if thaw
                else Message("Freeze {n:,} layers", n=len(uids))
            )
        session.edit(network, label)

    def _disabled(self) -> bool:
        """Whether all of them are disabled, so that they can be enabled."""
        network = self._session.network
        return bool(self._uids) and not any(network.layer(uid).enabled for uid in self._uids)

    def _disable_words(self) -> str:
        return tr("Enable") if self._disabled() else tr("Disable")

    def _disable(self) -> None:
        self._session.set_enabled(*self._uids, enabled=self._disabled())

    def _select_all(self) -> None:
        network = self._session.network
        self._session.select(*(layer.uid for layer in network.layers))

    def _has_layers(self) -> bool:
        return bool(self._session.network.layers)

    # --- blocks -------------------------------------------------------------------------------

    def _block(self) -> str:
        """The block that is selected, or that the selected layer is in."""
        return navigation.block_of(self._session.network, self._session.selection)

    def _is_block(self) -> bool:
        return len(self._uids) == 1 and self._block() == self._uids[0]

    def _has_blocks(self) -> bool:
        return any(isinstance(layer, Branches) for _, layer in self._session.network.walk())

    def _can_wrap(self) -> bool:
        return navigation.are_in_one_chain(self._session.network, self._uids)

    def _wrap(self) -> None:
        self._session.wrap(*self._uids)

    def _unwrap(self) -> None:
        self._session.unwrap(self._uids[0])

    def _add_branch(self) -> None:
        if self._canvas.is_folded(self._block()):
            self._canvas.toggle_fold(self._block())
        self._session.add_branch(self._block())

    def _branch(self) -> int:
        """The branch that the selected layer is in; of a selected block its last empty one, or
        the last."""
        session, uid = self._session, self._block()
        if session.empty_branch is not None:
            return session.empty_branch.branch
        if session.selection != uid:
            return session.network.place(session.selection).branch
        branches = navigation.branches_of(session.network, uid)
        empty = [number for number, branch in enumerate(branches) if not branch]
        return empty[-1] if empty else len(branches) - 1

    def _can_remove_branch(self) -> bool:
        uid = self._block()
        return bool(uid) and len(navigation.branches_of(self._session.network, uid)) > 1

    def _remove_branch(self) -> None:
        self._session.remove_branch(self._block(), self._branch())

    def _fold_words(self) -> str:
        return tr("Unfold") if self._canvas.is_folded(self._block()) else tr("Fold")

    def _fold(self) -> None:
        self._canvas.toggle_fold(self._block())
        self.refresh()
