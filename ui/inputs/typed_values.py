"""Fields for the values of an image that has only a few, such as the two inputs of exclusive or."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.labels import Label
from ui.widgets.number_fields import FloatField

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 8
"""Values; larger images are drawn."""
STEP = 0.2
"""51/255: what a pixel of eight bits can hold exactly."""


class ValueField(FloatField):
    """A number from 0 to 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0.0, 1.0, parent=parent)

    def _stepped(self, value: float, steps: int) -> float:
        return round(min(max(round(value / STEP + steps) * STEP, 0.0), 1.0), 3)


class TypedValues(QWidget):
    """A field for each value of a grey image, row by row; there only for the smallest images."""

    typed = Signal(object)
    """An image (height, width), uint8."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = (0, 0)
        self.fields = [ValueField(self) for _ in range(MOST)]
        self._labels = [Label("", "caption", self) for _ in range(MOST)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            self._grid.addWidget(label, index // 2, index % 2 * 2)
            self._grid.addWidget(field, index // 2, index % 2 * 2 + 1)
            field.edited.connect(lambda _: self._tell())
            field.editingFinished.connect(self._show_exactly)
        self._grid.setColumnStretch(4, 1)
        self._image: NDArray[np.uint8] | None = None
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.set_shape((28, 28))
        self._restyle()
        self.retranslate()

    def set_shape(self, shape: tuple[int, ...]) -> None:
        """The images are now (height, width), or have colours and are not typed."""
        count = int(np.prod(shape)) if len(shape) == 2 else MOST + 1
        self._shape = (shape[0], shape[1])
        self.setVisible(count <= MOST)
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            for widget in (label, field):
                widget.setVisible(index < count <= MOST)

    def show_image(self, image: NDArray[np.uint8]) -> None:
        """Show the values of an image; the field in which somebody types keeps its text."""
        self._image = image
        if image.shape != self._shape or image.size > MOST:
            return
        for field, value in zip(self.fields, image.ravel().tolist(), strict=False):
            if not field.hasFocus():
                field.set_value(_rounded(value))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            label.setText(f"x{_below(index + 1)}")
            field.setAccessibleName(tr("Input {n}", n=index + 1))
            field.set_help(tr("0 to 1; a pixel holds it in 255 steps, exactly in steps of 0.2"))

    def _tell(self) -> None:
        count = self._shape[0] * self._shape[1]
        values = np.array([field.value() for field in self.fields[:count]])
        image = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8).reshape(self._shape)
        self.typed.emit(image)

    def _show_exactly(self) -> None:
        """When one has typed, what the pixel really holds."""
        image = self._image
        if image is None or image.shape != self._shape or image.size > MOST:
            return
        for field, value in zip(self.fields, image.ravel().tolist(), strict=False):
            field.set_value(_rounded(value))

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(6))
        for field in self.fields:
            field.setFixedWidth(theme.px(72))


def _rounded(value: int) -> float:
    return round(value / 255, 3)


def _below(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))
