"""The form of how data are prepared, and the images before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QWidget

from cnnviz.augmentation import classic
from cnnviz.engine.protocol import Studied, Study, Tensor, Text
from cnnviz.engine.protocol.studies import Foreseen, Outlook
from cnnviz.message import Message
from cnnviz.preparation import Preparation
from cnnviz.runs import Changed
from cnnviz.training import Training
from ui.forms.editors import Editor
from ui.forms.training_words import DATA_FIELDS, change_words
from ui.i18n import language
from ui.studies import Studies
from ui.theme import theme
from ui.training.data_panel import DataPanel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

NEW: dict[str, Any] = {
    "classes": ("3", "7"),
    "images": 540,
    "validation": "share",
    "validation_share": 25.0,
    "validation_images": 60,
    "label_noise": 5.0,
    "split_seed": 3,
    "equalisation": True,
    "clip_limit": 4.0,
    "tiles": 3,
    "scaling": "two_deviations",
    "move": 5.0,
    "rotate": 6.0,
    "zoom": 7.0,
    "shear": 8.0,
    "flip": "both",
    "elastic": 9.0,
    "elastic_width": 3.0,
    "noise": 11.0,
    "erase": 12.0,
    "unchanged": 13.0,
}


def foreseen(count: int = 10, low: float = -1.0, **more: Any) -> Foreseen:
    images = np.linspace(0, 1, count * 16, dtype=np.float32).reshape(count, 1, 4, 4)
    given: dict[str, Any] = {
        "before": Tensor.of("", "", images),
        "after": Tensor.of("", "", images * (1 - low) + low),
        "low": low,
        "high": 1.0,
        "labels": [7] * count,
        "taught": [7] * (count - 1) + [1],
        "train": [54] * 10,
        "validation": [0] * 10,
        "test": [100] * 10,
        "there": 60_000,
    }
    return Foreseen(**(given | more))


class Panel:
    """The panel, opened below a button, and an engine that answers when it is told to."""

    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.qtbot = qtbot
        self.sent: list[Study] = []
        self.weights: tuple[int, int] | None = (1, 0)
        self.studies = Studies(
            lambda message: self.sent.append(cast("Study", message)), lambda: self.weights, engine
        )
        engine.studies = self.studies
        self.button = QWidget()
        qtbot.addWidget(self.button)
        self.button.show()
        self.view = DataPanel(session, engine.client, self.button)
        self.view.pop_up(self.button)
        qtbot.waitUntil(self.view.isVisible)

    def editors(self) -> dict[str, Editor]:
        found = {editor.field.name: editor for editor in self.view.findChildren(Editor)}
        assert found.keys() == {field.name for field in DATA_FIELDS}
        return found

    def subject(self) -> Outlook:
        """What was asked last."""
        subject = self.sent[-1].subject
        assert isinstance(subject, Outlook)
        return subject

    def answer(self, finding: Foreseen | None, note: Message | None = None) -> None:
        asked = self.sent[-1]
        said = Text.of(note) if note else None
        self.studies.take(Studied(asked.id, asked.slot, 1, 0, finding, 1.0, said))


@pytest.fixture
def panel(qtbot: QtBot, session: Session, engine: FakeEngine) -> Panel:
    return Panel(qtbot, session, engine)


def test_until_the_images_are_read_it_says_so_and_then_has_room_at_once(panel: Panel) -> None:
    assert panel.view._counts.text() == "The images are being read…"
    panel.answer(foreseen())
    assert panel.view._counts.text().startswith("Learned from")
    height = panel.view.height()
    panel.qtbot.wait(1)  # what the layouts have put off
    panel.view.fit()
    assert panel.view.height() == height


def test_what_cannot_be_read_is_not_waited_for(panel: Panel) -> None:
    panel.answer(None, Message("No test image is of this class."))
    assert panel.view._counts.text() == ""


def test_every_setting_reaches_the_session_and_comes_back(panel: Panel, session: Session) -> None:
    assert set(NEW) == {field.name for field in DATA_FIELDS}
    for name, value in NEW.items():
        panel.editors()[name].edited.emit(value)
    assert session.project.preparation == Preparation(**NEW)
    for name, editor in panel.editors().items():
        assert editor.value() == NEW[name]


def test_only_what_has_a_meaning_is_there(panel: Panel, session: Session) -> None:
    for name in ("validation", "equalisation", "elastic"):
        shown = {name for name, e in panel.editors().items() if e.isVisibleTo(panel.view)}
        preparation = session.project.preparation
        assert shown == {f.name for f in DATA_FIELDS if preparation.shown(f.name)}
        panel.editors()[name].edited.emit(NEW[name])


def test_a_number_goes_up_as_a_slider_does(panel: Panel, session: Session) -> None:
    panel.editors()["move"].step(3)
    assert session.project.preparation.move == 3
    for _ in range(60):
        panel.editors()["move"].step(1)
    assert session.project.preparation.move == 50


def test_a_person_chooses_classes_with_the_keyboard(panel: Panel, session: Session) -> None:
    (ticks,) = panel.editors()["classes"].findChildren(QListWidget)
    assert ticks.hasFocus()
    assert [ticks.item(row).text() for row in range(10)] == list("0123456789")
    for _ in range(2):
        panel.qtbot.keyClick(ticks, Qt.Key.Key_Space)
        panel.qtbot.keyClick(ticks, Qt.Key.Key_Right)
    assert session.project.preparation.classes == tuple("23456789")
    session.undo()
    session.undo()
    assert session.project.preparation.classes == ()
    assert all(ticks.item(row).checkState() == Qt.CheckState.Checked for row in range(10))


def test_the_last_class_stays(panel: Panel, session: Session) -> None:
    session.set_preparation(Preparation(classes=("4",)), Message("Classes"))
    (ticks,) = panel.editors()["classes"].findChildren(QListWidget)
    ticks.setCurrentRow(4)
    panel.qtbot.keyClick(ticks, Qt.Key.Key_Space)
    assert session.project.preparation.classes == ("4",)
    assert ticks.item(4).checkState() == Qt.CheckState.Checked


def test_the_classic_changes_are_one_step_and_go_away_again(panel: Panel, session: Session) -> None:
    before = session.project.preparation
    panel.view._classic.click()
    assert session.project.preparation == classic(before)
    assert not panel.view._classic.isEnabled()
    panel.view._plain.click()
    assert session.project.preparation == before
    session.undo()
    assert session.project.preparation == classic(before)
    session.undo()
    assert session.project.preparation == before


# ---- the images


def test_it_asks_for_what_is_set_and_shows_what_it_hears(panel: Panel, session: Session) -> None:
    assert panel.subject() == Outlook(Preparation(), 0, 10, 0)
    panel.answer(foreseen())
    pairs = panel.view.view.pairs
    assert len(pairs) == 10
    for before, after in pairs:  # the same greys, from −1 to 1 on the right
        assert before.size().width() == 4
        assert before == after
    assert "540 of 60,000 images, 54 a class" in panel.view._counts.text()
    assert not panel.view._wrong.isVisible()
    assert "7 → 1" in panel.view.view.accessibleDescription()
    panel.editors()["move"].edited.emit(10.0)
    assert panel.subject().preparation.move == 10
    session.set_training(Training(shift=2), Message("Batch shift"))
    panel.answer(foreseen())
    assert panel.subject().shift == 2


def test_it_asks_as_soon_as_there_is_somebody_to_answer(
    panel: Panel, session: Session, engine: FakeEngine
) -> None:
    panel.answer(foreseen())
    panel.weights = None
    session.set_preparation(Preparation(noise=5), Message("Noise, %"))
    assert panel.subject() == Outlook(Preparation(), 0, 10, 0)
    panel.weights = (1, 0)
    engine.probed.emit(None)
    assert panel.subject().preparation.noise == 5
    panel.answer(foreseen())
    asked = len(panel.sent)
    engine.probed.emit(None)
    assert len(panel.sent) == asked


def test_other_images_are_of_another_seed(panel: Panel) -> None:
    panel.answer(foreseen())
    panel.view._others.click()
    assert panel.subject().seed == 1


def test_what_is_wrong_is_said(panel: Panel) -> None:
    panel.answer(foreseen(train=[5] * 9 + [0], test=[1] * 10))
    assert panel.view._wrong.isVisible()
    assert "is left of 9" in panel.view._wrong.text()
    assert "A batch has 128 images" in panel.view._wrong.text()


def test_data_that_cannot_be_read_are_said(panel: Panel) -> None:
    panel.answer(None, Message("{file} is missing.", file="x.gz"))
    assert panel.view._wrong.text() == "x.gz is missing."
    assert panel.view._wrong.isVisible()


def test_colours_are_shown_in_colour(panel: Panel) -> None:
    red = np.zeros((1, 3, 4, 4), np.float32)
    red[:, 0] = 1
    tensor = Tensor.of("", "", red)
    panel.answer(foreseen(1, 0.0, before=tensor, after=tensor, labels=[1], taught=[1]))
    before, _ = panel.view.view.pairs[0]
    color = before.pixelColor(0, 0)
    assert (color.red(), color.green(), color.blue()) == (255, 0, 0)


def test_nothing_is_asked_while_nobody_looks(panel: Panel) -> None:
    panel.qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    assert not panel.view.isVisible()
    asked = len(panel.sent)
    panel.editors()["move"].edited.emit(3.0)
    assert len(panel.sent) == asked


# ---- within the window


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_it_stays_within_the_screen(panel: Panel, scale: float) -> None:
    theme.set_scale(scale)
    panel.answer(foreseen())
    room = panel.view.screen().availableGeometry()
    assert room.contains(panel.view.geometry())


def test_it_speaks_the_language_of_the_window(panel: Panel) -> None:
    language.set("zh_CN")
    titles = [heading.text() for heading, _ in panel.view.headings]
    assert titles == ["图像", "每张图像", "数据增强：训练图像的随机变化", "网络将看到什么"]
    panel.answer(foreseen())
    assert "每类 54 张" in panel.view._counts.text()


def test_a_change_on_the_way_is_told_in_the_curves() -> None:
    assert change_words(Changed(7, "flip", "never", "both")) == "Step 7: Flip Never → Both ways"
    assert change_words(Changed(7, "move", 0.0, 10.0)) == "Step 7: Shift, % 0 → 10"
    assert msgspec.json.encode(Changed(7, "move", 0.0, 10.0))
