"""Files through the window's commands: nothing is lost, and whatever goes wrong is a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz.files import open_any, save_project
from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Project
from cnnviz.recovery import Recovery
from cnnviz.runs import KeptRun
from tests.support.full_disk import leave_room
from ui import settings
from ui.crash import data_folder
from ui.documents import Documents
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


class Desk:
    """A window with a session and its documents, and what they have told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        network = Network(name="small", layers=(Conv2d(filters=2), Flatten(), Dense(units=10)))
        self.session = Session(Project(network), {})
        self.documents = Documents(self.session, self.window)
        self.told: list[str] = []
        self.documents.told.connect(self.hear)
        self.documents.refused.connect(self.hear)

    def hear(self, message: Message) -> None:
        self.told.append(str(message))

    def box(self) -> QMessageBox:
        return self.window.findChildren(QMessageBox)[-1]


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.documents.close()


def learned(session: Session) -> dict[tuple[str, str, tuple[int, ...]], np.ndarray]:
    keys = session.report.tensor_keys()
    return {key: np.full(key[2], 0.25, np.float32) for key in keys}


def test_save_and_open_bring_everything_back(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "small.cnnviz"
    weights = learned(desk.session)
    desk.session.learned(desk.session.state.revision, weights)
    desk.session.set_seed(7)
    project = desk.session.project
    assert desk.session.modified
    desk.session.saved(path, desk.session.state)  # as "save as" does once a place is chosen
    desk.documents.save()
    qtbot.waitUntil(lambda: path.exists() and not desk.documents._background.busy)
    desk.documents.new()
    assert desk.session.network.layers == ()
    assert desk.session.path is None
    desk.documents.read(path)
    qtbot.waitUntil(lambda: desk.session.path == path)
    assert desk.session.project == project
    for key, value in weights.items():
        np.testing.assert_array_equal(desk.session.state.weights[key], value)
    assert settings.recent_files() == [path]


def test_a_slow_save_does_not_give_its_file_to_another_project(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    """Else the next save would overwrite the first project with the second."""
    path = tmp_path / "small.cnnviz"
    desk.session.saved(path, desk.session.state)
    saved = desk.session.project
    desk.documents.save()
    desk.documents.new()  # before the disk is done
    assert desk.session.path is None
    qtbot.waitUntil(lambda: path.exists() and not desk.documents._background.busy)
    assert desk.session.path is None
    assert open_any(path).project == saved


def test_save_as_json_keeps_the_network_alone(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.documents.save_as()
    dialog = desk.window.findChildren(QFileDialog)[-1]
    target = tmp_path / "small.json"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    qtbot.waitUntil(target.exists)
    assert open_any(target).project.network == desk.session.network
    assert desk.session.path is None, "the project itself has no file yet"


def test_a_file_that_cannot_be_read_changes_nothing(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.cnnviz"
    path.write_bytes(b"PK not really")
    before = desk.session.state
    desk.documents.read(path)
    qtbot.waitUntil(lambda: bool(desk.told))
    assert "broken.cnnviz" in desk.told[0]
    assert desk.session.state is before


def test_a_file_that_cannot_be_written_says_so(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.session.rename("other")
    desk.session.saved(tmp_path / "no folder" / "x.cnnviz", desk.session.state)
    desk.session.rename("another")
    desk.documents.save()
    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.session.modified


@pytest.mark.parametrize(
    ("button", "goes_on"),
    [
        (QMessageBox.StandardButton.Discard, True),
        (QMessageBox.StandardButton.Cancel, False),
    ],
)
def test_unsaved_changes_are_asked_about(
    desk: Desk, qtbot: QtBot, button: QMessageBox.StandardButton, goes_on: bool
) -> None:
    desk.session.rename("changed")
    desk.documents.new()
    assert desk.session.network.name == "changed", "not before the answer"
    desk.box().button(button).click()
    assert (desk.session.network.name == "") is goes_on


def test_saving_first_then_going_on(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "kept.cnnviz"
    desk.session.saved(path, desk.session.state)
    desk.session.rename("changed")
    desk.documents.new()
    desk.box().button(QMessageBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: desk.session.network.name == "")
    assert open_any(path).project.network.name == "changed"


def test_work_of_a_dead_program_is_offered_and_brought_back(desk: Desk, qtbot: QtBot) -> None:
    lost = Recovery(data_folder() / "recovery")
    network = msgspec.structs.replace(desk.session.network, name="lost")
    lost.write(Project(network), {}, None)
    lost._release()  # as when its process has died: the lock is free, the save is there
    offered: list[object] = []
    desk.documents.found.connect(offered.append)
    desk.documents.look_for_lost_work()
    qtbot.waitUntil(lambda: bool(offered))
    desk.documents.recover(offered[0])  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: desk.session.network.name == "lost")
    assert desk.session.modified, "it is in no file of the person's"


def test_autosave_keeps_what_is_unsaved_and_a_good_end_removes_it(desk: Desk, qtbot: QtBot) -> None:
    folder = data_folder() / "recovery"
    desk.documents.autosave()
    assert not folder.exists(), "nothing is unsaved"
    desk.session.rename("precious")
    desk.documents.autosave()
    qtbot.waitUntil(lambda: len(list(folder.glob("*.cnnviz"))) == 1)
    assert open_any(next(folder.glob("*.cnnviz"))).project.network.name == "precious"
    qtbot.waitUntil(lambda: not desk.documents._background.busy)
    desk.documents.close()
    assert not list(folder.glob("*.cnnviz"))
    desk.documents = Documents(desk.session, desk.window)  # the fixture closes it once more


def test_saving_makes_the_autosave_superfluous(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    folder = data_folder() / "recovery"
    desk.session.saved(tmp_path / "kept.cnnviz", desk.session.state)
    desk.session.rename("precious")
    desk.documents.autosave()
    qtbot.waitUntil(lambda: len(list(folder.glob("*.cnnviz"))) == 1)
    desk.documents.save()
    qtbot.waitUntil(lambda: not list(folder.glob("*.cnnviz")))
    qtbot.waitUntil(lambda: not desk.documents._background.busy)  # while it is, nothing is kept
    assert open_any(tmp_path / "kept.cnnviz").project.network.name == "precious"
    desk.session.rename("more")
    desk.documents.autosave()
    qtbot.waitUntil(lambda: len(list(folder.glob("*.cnnviz"))) == 1)


def test_a_full_disk_is_told_and_nothing_is_lost(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.cnnviz"
    desk.session.saved(path, desk.session.state)
    desk.documents.save()
    qtbot.waitUntil(path.exists)
    before = path.read_bytes()
    run = KeptRun("r1", 0.0, desk.session.project, state="running")
    desk.session.runs.begin(run)
    refused: list[str] = []
    desk.documents.refused.connect(lambda message: refused.append(str(message)))
    with monkeypatch.context() as patch:
        leave_room(patch, 100)
        for go_on in (desk.documents.autosave, desk.documents.save):
            told = len(refused)
            qtbot.waitUntil(lambda: not desk.documents._background.busy)
            go_on()
            qtbot.waitUntil(lambda: len(refused) > told)  # noqa: B023
            assert "No space left on device" in refused[-1]
    assert path.read_bytes() == before
    assert desk.session.modified
    qtbot.waitUntil(lambda: not desk.documents._background.busy)
    desk.documents.save()  # there is room again
    qtbot.waitUntil(lambda: not desk.session.modified)
    assert [kept.id for kept in open_any(path).runs] == ["r1"]


def test_export_is_a_program(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    desk.documents.exports.write("pytorch", path)
    qtbot.waitUntil(lambda: bool(desk.told))
    assert "nn.Conv2d(1, 2, 3)" in path.read_text()


def test_export_of_a_broken_network_says_why(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.session.delete(desk.session.network.layers[1].uid)
    desk.documents.exports.write("pytorch", tmp_path / "network.py")
    qtbot.waitUntil(lambda: bool(desk.told))
    assert "Dense needs a vector" in desk.told[0]


def test_presets_open(desk: Desk) -> None:
    desk.documents.new_from("lenet-tutorial")
    assert desk.session.report.parameters == 1_111_946
    assert desk.session.report.problem is None


def test_recent_files_forget_what_is_gone(qtbot: QtBot, tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.cnnviz" for n in range(10)]
    for path in paths:
        save_project(path, Project(Network()), {})
        settings.add_recent(path)
    assert settings.recent_files() == paths[:1:-1]
    paths[9].unlink()
    assert settings.recent_files() == paths[8:1:-1]


def test_damaged_settings_mean_defaults(tmp_path: Path) -> None:
    settings._store().setValue("scale", "huge")
    settings._store().setValue("language", ["a", "b"])
    settings._store().setValue("theme", "")
    settings._store().setValue("window/geometry", "text")
    assert settings.scale() == 1.0
    assert settings.language() == ""
    assert settings.theme_mode() == "light"
    assert settings.bytes_of("geometry").isEmpty()
