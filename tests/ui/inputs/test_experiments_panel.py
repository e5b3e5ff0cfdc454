"""Experiments with the image on show, and the network as it is in training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QSlider

from cnnviz.data.digits import prepare
from cnnviz.data.disturbances import Disturbance, disturbed
from cnnviz.engine.protocol import AsTrained
from tests.ui.inputs.column import Column
from tests.ui.sessions import only
from ui.inputs.experiments_panel import ExperimentsPanel

if TYPE_CHECKING:
    pass


def sliders(column: Column) -> dict[str, QSlider]:
    return {slider.accessibleName(): slider for slider in column.view.findChildren(QSlider)}


def test_an_experiment_is_done_with_whatever_is_shown(column: Column) -> None:
    clean = column.engine.images[-1]
    assert not sliders(column)["Blur"].isVisible()
    column.action("Experiments").trigger()
    assert sliders(column)["Blur"].isVisible()
    sliders(column)["Shift right"].setValue(3)
    np.testing.assert_array_equal(column.engine.images[-1][:, 3:], clean[:, :-3])
    sliders(column)["Rotate"].setValue(6)
    how = Disturbance(right=3, turn=30)
    np.testing.assert_array_equal(column.engine.images[-1], disturbed(clean, how))
    assert "Shift right 3 px, Rotate 30°" in column.labels()

    column.dot(0.3, 0.3)  # also with what is drawn now
    drawn = prepare(column.pad.image())
    np.testing.assert_array_equal(column.engine.images[-1], disturbed(drawn, how))


def test_without_its_sliders_no_experiment_goes_on(column: Column) -> None:
    clean = column.engine.images[-1]
    before = column.labels()
    column.action("Experiments").trigger()
    sliders(column)["Noise"].setValue(20)
    assert not np.array_equal(column.engine.images[-1], clean)
    column.action("Experiments").trigger()
    assert column.engine.images[-1] is clean
    column.action("Experiments").trigger()
    assert {slider.value() for slider in sliders(column).values()} == {0, 20}  # 20 is scale 1
    assert set(before) <= set(column.labels())


def seed(column: Column) -> int | None:
    return column.engine.as_trained


def test_the_network_as_in_training(column: Column) -> None:
    column.engine.answer()
    panel = only(ExperimentsPanel, column.view)
    again = column.action("Draw dropout and batch again")
    assert not again.isEnabled()
    column.action("Network as in training").trigger()
    assert panel.isVisible()
    assert seed(column) == 0
    assert "as in training" in column.labels()
    again.trigger()
    assert seed(column) == 1
    panel.modes.setCurrentIndex(0)
    panel.modes.setCurrentIndex(1)
    panel.again.click()
    assert seed(column) == 2

    panel.show_found(AsTrained(["drop"], ["norm"], 32))
    (note,) = [words for words in column.labels() if "31 random training images" in words]
    assert "Dropout drops" in note
    panel.show_found(AsTrained([], [], 1))
    assert any("nothing changes" in words for words in column.labels())

    column.action("Experiments").trigger()  # without the switch it does not go on
    assert seed(column) is None
    assert not column.action("Network as in training").isChecked()
    assert not again.isEnabled()
