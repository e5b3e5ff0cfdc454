"""The values of the smallest images are typed as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.inputs.typed_values import TypedValues

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_a_field_for_each_value_of_the_smallest_images_only(qtbot: QtBot) -> None:
    view = TypedValues()
    qtbot.addWidget(view)
    view.show()
    for shape, count in (((1, 2), 2), ((2, 4), 8), ((28, 28), 0), ((1, 2, 3), 0)):
        view.set_shape(shape)
        view.show() if count else None
        assert sum(not field.isHidden() for field in view.fields) == count
        assert view.isHidden() == (count == 0)


def test_what_is_typed_becomes_an_image(qtbot: QtBot) -> None:
    view = TypedValues()
    qtbot.addWidget(view)
    view.set_shape((1, 2))
    told: list[np.ndarray] = []
    view.typed.connect(told.append)
    view.show_image(np.array([[0, 255]], np.uint8))
    assert [field.value() for field in view.fields[:2]] == [0.0, 1.0]
    assert not told
    view.fields[0].lineEdit().setText("0.6")
    view.fields[0].lineEdit().textEdited.emit("0.6")
    assert told[-1].tolist() == [[153, 255]]
    view.fields[1].lineEdit().setText("7")
    view.fields[1].lineEdit().textEdited.emit("7")
    assert told[-1].tolist() == [[153, 255]]  # as far as a pixel goes
    view.show_image(np.array([[77, 51]], np.uint8))
    assert [field.value() for field in view.fields[:2]] == [0.302, 0.2]
    assert view.fields[0].accessibleName() == "Input 1"


def test_steps_are_those_that_a_pixel_holds_exactly(qtbot: QtBot) -> None:
    view = TypedValues()
    qtbot.addWidget(view)
    view.set_shape((1, 2))
    seen = []
    for _ in range(7):
        view.fields[0].stepBy(1)
        seen.append(view.fields[0].value())
    assert seen == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0]
    assert all((value * 255) % 1 < 1e-9 or (value * 255) % 1 > 1 - 1e-9 for value in seen)
