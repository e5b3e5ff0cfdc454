"""The palette inserts what it shows, and only layers travel in its drags."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnnviz.blocks import BLOCKS
from cnnviz.layers import KINDS, Conv2d, Dense, Layer
from cnnviz.layers.base import Family
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network
from cnnviz.project import Project
from tests.ui.canvas.support import SMALL
from ui.canvas.carried import MAX_BYTES, MIME_TYPE, decode, encode
from ui.canvas.chip import Chip, LayerChip, MenuChip
from ui.canvas.entries import MORE, Entry, fill_insert_menu
from ui.canvas.palette import Palette, palette_entries
from ui.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Project(network=SMALL), {})


@pytest.fixture
def palette(qtbot: QtBot, session: Session) -> Palette:
    palette = Palette(session)
    qtbot.addWidget(palette)
    palette.resize(786, 80)
    palette.show()
    return palette


def chip(palette: Palette, title: str) -> LayerChip:
    at = palette.mapFromGlobal(palette.chip_center(title))
    found = palette.childAt(at)
    assert isinstance(found, LayerChip)
    return found


def field_of(palette: Palette) -> QLineEdit:
    field = palette.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    return field


def kinds(session: Session) -> list[str]:
    return [layer.kind for layer in session.network.layers]


def test_every_kind_can_be_inserted() -> None:
    session = Session(Project(network=SMALL), {})
    made = [layer for entry in palette_entries() for layer in entry.make(session, 0)]
    assert {type(layer) for layer in made} == set(KINDS)
    assert {entry.block for entry in palette_entries()} == {"", *BLOCKS}
    titles = [entry.title.template for entry in palette_entries()]
    assert len(set(titles)) == len(titles)


def test_a_menu_without_other_chips_of_its_family_shows_its_icon(palette: Palette) -> None:
    pooling = next(c for c in palette.findChildren(MenuChip) if c.family == "pooling")
    alone, pictures = [], []
    for width in (786, 240, 786):
        palette.resize(width, 80)
        assert pooling.isVisible()
        alone.append(pooling.alone)
        pictures.append(pooling.grab().toImage())
    assert alone == [False, True, False]
    assert pictures[0] == pictures[2] != pictures[1]


def test_families_stand_together() -> None:
    families = [entry.family for entry in palette_entries()]
    changes = sum(a != b for a, b in itertools.pairwise(families))
    assert changes == len(set(families)) - 1


def test_two_rows_are_enough(palette: Palette) -> None:
    tops = {c.y() for c in palette.findChildren(Chip) if c.isVisible()}
    assert len(tops) <= 2
    assert field_of(palette).y() <= max(tops) + 10


@pytest.mark.parametrize("width", [300, 420, 700])
def test_what_a_filter_finds_takes_two_rows_at_most(palette: Palette, width: int) -> None:
    palette.resize(width, 80)
    field_of(palette).setText("o")
    QApplication.processEvents()
    shown = [c for c in palette.findChildren(Chip) if c.isVisible()]
    assert shown
    assert field_of(palette).isVisible()
    assert len({c.y() for c in shown}) <= 2
    assert field_of(palette).y() <= shown[0].height() * 2


@pytest.mark.parametrize("width", [350, 420, 560, 700])
def test_what_finds_no_room_in_two_rows_is_in_the_menu(
    palette: Palette, width: int, qtbot: QtBot
) -> None:
    palette.resize(width, 80)
    qtbot.waitUntil(lambda: field_of(palette).y() < 60)  # a layout is done when Qt comes to it
    tops = {c.y() for c in palette.findChildren(Chip) if not c.isHidden()}
    assert len(tops) <= 2
    assert field_of(palette).y() <= max(tops) + 10
    shown = {c.entry.title.template for c in palette.findChildren(LayerChip) if not c.isHidden()}
    assert {"Conv", "Max pool", "ReLU", "Dense"} <= shown
    offered: list[str] = []
    for family in MORE:
        palette._open_more(family)
        menu = next(m for m in palette.findChildren(QMenu) if m.isVisible())
        offered += [action.text() for action in menu.actions()]
        menu.close()
    hidden = {str(e.title) for e in palette_entries()} - shown
    assert sorted(offered) == sorted(hidden)
    palette.resize(1200, 80)
    assert not chip(palette, "Softmax").isHidden()


def test_in_a_low_window_one_row_is_enough_and_the_menu_has_the_rest(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    palette = Palette(Session(Project(SMALL), {}), window)
    QVBoxLayout(window).addWidget(palette)
    window.resize(420, 700)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: len({chip.y() for chip in palette._shown()}) == 2)
    window.resize(420, 300)
    qtbot.waitUntil(lambda: len({chip.y() for chip in palette._shown()}) == 1)
    assert all(chip.geometry().right() <= palette.width() for chip in palette._shown())
    window.resize(420, 700)
    qtbot.waitUntil(lambda: len({chip.y() for chip in palette._shown()}) == 2)


def test_a_double_click_inserts_after_the_selection(palette: Palette, session: Session) -> None:
    session.select("relu")
    QTest.mouseClick(chip(palette, "Dropout"), Qt.MouseButton.LeftButton)
    assert "dropout" not in kinds(session)
    QTest.mouseDClick(chip(palette, "Dropout"), Qt.MouseButton.LeftButton)
    assert kinds(session).index("dropout") == 2


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_insert(palette: Palette, session: Session, key: Qt.Key) -> None:
    session.select(INPUT_UID)
    target = chip(palette, "Batch norm")
    target.setFocus()
    QTest.keyClick(target, key)
    assert kinds(session)[0] == "batch_norm"
    assert len(session.network.layers) == len(SMALL.layers) + 1


def test_arrows_go_from_chip_to_chip(palette: Palette) -> None:
    palette.resize(1200, 80)
    first = chip(palette, "Conv")
    palette.activateWindow()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert palette.focusWidget() is chip(palette, "Depthwise")
    QTest.keyClick(palette.focusWidget(), Qt.Key.Key_Left)
    assert palette.focusWidget() is first


def test_typing_filters_and_enter_inserts(palette: Palette, session: Session) -> None:
    first = chip(palette, "Conv")
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_G)
    field = field_of(palette)
    QTest.keyClicks(field, "elu")
    shown = [c for c in palette.findChildren(Chip) if not c.isHidden()]
    assert [c.text() for c in shown] == ["GELU"]
    session.select("pool")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.network.layers[3].name.template == "GELU"
    assert field.text() == ""
    assert not chip(palette, "Conv").isHidden()
    with pytest.raises(KeyError):
        palette.chip_center("GELU")


@pytest.mark.parametrize("family", sorted(MORE))
def test_less_common_layers_are_in_a_menu_of_their_family(
    palette: Palette, session: Session, family: Family
) -> None:
    title = str(MORE[family])
    more = next(c for c in palette.findChildren(MenuChip) if c.accessibleName() == title)
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    menu = next(m for m in palette.findChildren(QMenu) if m.isVisible())
    hidden = [str(e.title) for e in palette_entries() if not e.common and e.family == family]
    shown = [action.text() for action in menu.actions()]
    assert shown[-len(hidden) :] == hidden  # before them, what found no room of its own
    helps = {str(e.title): str(e.help) for e in palette_entries()}
    assert [action.toolTip() for action in menu.actions()] == [helps[title] for title in shown]
    assert menu.toolTipsVisible()
    session.select("conv")
    menu.actions()[shown.index(hidden[0])].trigger()
    menu.close()
    assert session.network.layers[0] == SMALL.layers[0]
    assert len(session.network.layers) > len(SMALL.layers)
    assert str(session.undo_label) == f"Add {hidden[0]}"


def test_what_is_less_common_stands_behind_its_family(palette: Palette) -> None:
    """The chips with a menu follow those whose family they continue."""
    shown = sorted(
        (c for c in palette.findChildren(Chip) if c.isVisible()), key=lambda c: (c.y(), c.x())
    )
    families = [chip.family for chip in shown]
    assert sum(a != b for a, b in itertools.pairwise(families)) == len(set(families)) - 1


def test_the_insert_menu_has_every_layer(qtbot: QtBot, session: Session) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    fill_insert_menu(menu, session)
    titles = [action.text() for found in menu.findChildren(QMenu) for action in found.actions()]
    titles += [action.text() for action in menu.actions()]
    assert {str(e.title) for e in palette_entries()} <= set(titles)


def test_an_insert_menu_that_is_filled_again_keeps_nothing(qtbot: QtBot, session: Session) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    counts = []
    for _ in range(3):
        fill_insert_menu(menu, session)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        counts.append((len(menu.findChildren(QAction)), len(menu.findChildren(QMenu))))
    assert len(set(counts)) == 1


def test_the_context_menu_inserts(palette: Palette, session: Session) -> None:
    target = palette.mapFromGlobal(palette.chip_center("Dense"))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, target, palette.mapToGlobal(target))
    palette.contextMenuEvent(event)
    menu = next(m for m in palette.findChildren(QMenu) if m.isVisible())
    session.select("conv")
    menu.actions()[1].trigger()
    menu.close()
    assert kinds(session)[-1] == "dense"
    assert len(session.network.layers) == len(SMALL.layers) + 1


def test_the_insert_menu_inserts(qtbot: QtBot, session: Session) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    fill_insert_menu(menu, session)
    session.select("out")
    next(a for a in menu.actions() if a.text() == "Dense").trigger()
    assert kinds(session)[-2:] == ["dense", "dense"]


def test_every_chip_has_a_name_and_says_what_it_does(palette: Palette) -> None:
    for found in palette.findChildren(LayerChip):
        assert found.accessibleName() == str(found.entry.title)
        assert found.toolTip() == str(found.entry.help)


def entry_of(title: str) -> Entry:
    return next(e for e in palette_entries() if e.title.template == title)


def test_depthwise_takes_the_maps_of_its_place(session: Session) -> None:
    entry = entry_of("Depthwise")
    for index, channels in ((0, 1), (1, 8), (3, 8)):
        (made,) = entry.make(session, index)
        assert isinstance(made, Conv2d)
        assert (made.groups, made.filters) == (channels, channels)
    session.select("pool")
    assert entry.make(session) == entry.make(session, 3)
    (after_flatten,) = entry.make(session, 4)
    assert isinstance(after_flatten, Conv2d)
    assert after_flatten.groups == 1


@pytest.mark.parametrize("title", ["Residual", "Inception", "Dense block"])
def test_a_block_is_one_step_with_its_own_name(
    palette: Palette, session: Session, title: str
) -> None:
    before = session.network
    session.select("pool")
    QTest.mouseDClick(chip(palette, title), Qt.MouseButton.LeftButton)
    assert not session.report.problems
    assert session.undo_label == Message("Add {layer}", layer=Message(title))
    uids = [layer.uid for _, layer in session.network.walk()]
    assert len(set(uids)) == len(uids) > len(before.layers) + 3
    session.undo()
    assert session.network == before


def test_a_block_that_is_dragged_is_made_where_it_lands(session: Session) -> None:
    for index in range(3):
        carried = decode(encode(block="residual"))
        assert carried is not None
        assert carried.name == Message("Residual")
        assert carried.landed(session, index) == entry_of("Residual").make(session, index)
    assert decode(encode(block="no such block")) is None
    assert decode(encode(Dense(), block="no such block")) is None
    assert decode(encode()) is None


@pytest.mark.parametrize("entry", palette_entries(), ids=lambda entry: entry.title.template)
def test_a_drag_carries_what_the_chip_makes(entry: Entry, session: Session) -> None:
    carried = decode(encode(*entry.layers, block=entry.block))
    assert carried is not None
    assert carried.landed(session, 2) == entry.make(session, 2)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=50).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["layers", "block", "type", "x"]), inner, max_size=3
                )
            ),
        ).map(msgspec.json.encode),
    )
)
def test_anything_else_is_refused_without_an_error(raw: bytes) -> None:
    data = QMimeData()
    data.setData(MIME_TYPE, raw)
    carried = decode(data)
    assert carried is None or all(isinstance(layer, Layer) for layer in carried.layers)


def test_too_much_is_refused() -> None:
    data = QMimeData()
    valid = msgspec.json.encode({"layers": [Dense(units=3)]})
    data.setData(MIME_TYPE, valid)
    assert decode(data) is not None
    data.setData(MIME_TYPE, valid + b" " * MAX_BYTES)
    assert decode(data) is None
    text = QMimeData()
    text.setText(valid.decode())
    assert decode(text) is None


def test_an_unused_point_is_no_chip(palette: Palette) -> None:
    point = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(1, 1), QPoint(1, 1))
    palette.contextMenuEvent(point)
    assert not [m for m in palette.findChildren(QMenu) if m.isVisible()]


def test_an_empty_network_takes_the_first_layer(qtbot: QtBot) -> None:
    session = Session(Project(network=Network()), {})
    palette = Palette(session)
    qtbot.addWidget(palette)
    palette.show()
    QTest.mouseDClick(chip(palette, "Conv"), Qt.MouseButton.LeftButton)
    assert kinds(session) == ["conv2d"]
