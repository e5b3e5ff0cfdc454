"""The column with other data sets: other images, other sizes, colours, or none at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QSlider

from cnnviz.data import datasets
from cnnviz.data.folders import ImageFolder
from tests.ui.inputs.column import Column
from ui.i18n import language
from ui.inputs.input_column import FIRST_IMAGE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


def seen_last(engine: FakeEngine, shape: tuple[int, ...]) -> bool:
    return bool(engine.images) and engine.images[-1].shape == shape


def test_another_data_set_brings_its_own_images(
    qtbot: QtBot, column: Column, session: Session, engine: FakeEngine
) -> None:
    session.set_dataset("toy_shapes")
    expected = datasets.test_images("toy_shapes")[FIRST_IMAGE]
    qtbot.waitUntil(lambda: np.array_equal(engine.images[-1], expected))
    names = datasets.data_set("toy_shapes").classes
    label = names[datasets.test_labels("toy_shapes")[FIRST_IMAGE]]
    assert f"test image {FIRST_IMAGE}\nlabel {label}" in column.labels()
    language.set("zh_CN")
    assert label not in "".join(column.labels())
    session.undo()
    expected = datasets.test_images("mnist")[FIRST_IMAGE]
    qtbot.waitUntil(lambda: np.array_equal(engine.images[-1], expected))


def test_a_drawing_stays_and_is_made_into_the_other_sets_image(
    column: Column, session: Session, engine: FakeEngine
) -> None:
    column.dot(0.5, 0.5)
    sheet = column.pad.image()
    session.set_dataset(ImageFolder("/nowhere", 20, 24, 3, ("a", "b")))
    assert seen_last(engine, (20, 24, 3))
    assert np.array_equal(column.pad.image(), sheet)
    assert engine.images[-1].max() > 200
    assert np.array_equal(engine.images[-1][..., 0], engine.images[-1][..., 2])


def test_an_absent_data_set_is_told_and_nothing_of_the_old_one_stays(
    qtbot: QtBot, column: Column, session: Session, engine: FakeEngine
) -> None:
    with qtbot.waitSignal(column.view.absent) as told:
        session.set_dataset("cifar10")
    assert "CIFAR-10 is not on this machine" in str(told.args[0])
    assert seen_last(engine, (32, 32, 3))
    assert not engine.images[-1].any()
    assert column.view.test_image(0) is None
    column.action("Random test image").trigger()  # waits for images that are not there


def test_test_images_in_colour(
    qtbot: QtBot, column: Column, session: Session, engine: FakeEngine, tmp_path: Path
) -> None:
    for name, colour in (("a", "red"), ("b", "blue")):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (30, 30), colour).save(tmp_path / name / f"{number}.png")
    session.set_dataset(ImageFolder(str(tmp_path), 16, 16, 3, ("a", "b"), 4, 2))
    qtbot.waitUntil(lambda: column.view.test_image(1) is not None)
    assert seen_last(engine, (16, 16, 3))
    assert engine.images[-1][8, 8].tolist() == [0, 0, 255]
    assert column.pad.image()[140, 140].tolist() == [0, 0, 255]
    column.action("Experiments").setChecked(True)
    slider = column.view.findChildren(QSlider)[0]
    slider.setValue(5)
    assert engine.images[-1].shape == (16, 16, 3)
    assert engine.images[-1][8, 2].tolist() == [0, 0, 0]
    assert column.view.test_image(99) is None
