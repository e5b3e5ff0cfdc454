"""Sliders that disturb the image, and a switch to the network as it is trained: maps and prediction
follow both."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSlider, QWidget

from cnnviz.data.disturbances import UNDISTURBED, Disturbance
from cnnviz.message import Message
from ui.able import allow_widget
from ui.i18n import language, together, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.engine.protocol import AsTrained


@dataclass(frozen=True, slots=True)
class _Slide:
    """A field of a Disturbance as a slider: value = position · step."""

    name: str
    low: int
    high: int
    step: float
    unit: str

    def value(self, position: int) -> float | int:
        return position if self.step == 1 and self.unit == " px" else position * self.step

    def position(self, value: float) -> int:
        return round(value / self.step)


SLIDES = (
    _Slide("right", -14, 14, 1, " px"),
    _Slide("down", -14, 14, 1, " px"),
    _Slide("turn", -36, 36, 5, "°"),
    _Slide("scale", 10, 40, 0.05, "×"),
    _Slide("blur", 0, 30, 0.1, " px"),
    _Slide("noise", 0, 50, 0.01, ""),
)


class ExperimentsPanel(QWidget):
    """A slider for each way to disturb an image, and a button that takes all of it back; below it
    whether dropout and batch norm do what they do in training."""

    changed = Signal(object)
    """The new Disturbance."""
    mode_changed = Signal(object)
    """The seed of what dropout drops and of the batch; None: the network is as it is used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._how = UNDISTURBED
        self._draw = 0
        self._found: AsTrained | None = None
        self._heading = Label("", "heading")
        self._back = Button(quiet=True)
        self._back.clicked.connect(self.reset)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._heading, 0, 0, 1, 2)
        self._rows: dict[str, tuple[Label, QSlider, Label]] = {}
        for row, slide in enumerate(SLIDES, start=1):
            title, slider, value = Label("", "label"), QSlider(Qt.Orientation.Horizontal), Label()
            slider.setRange(slide.low, slide.high)
            slider.setValue(slide.position(getattr(UNDISTURBED, slide.name)))
            slider.valueChanged.connect(self._slid(slide))
            for column, widget in enumerate((title, slider, value)):
                self._grid.addWidget(widget, row, column)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._rows[slide.name] = (title, slider, value)
        self._grid.addWidget(self._back, len(SLIDES) + 1, 0, 1, 3, Qt.AlignmentFlag.AlignRight)
        self.modes, self.again, self._note = PillTabs(), Button(quiet=True), Label("", "caption")
        self._note.setWordWrap(True)
        self.modes.selected.connect(self._take_mode)
        self.again.clicked.connect(self.draw_again)
        left = Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(self.modes, len(SLIDES) + 2, 0, 1, 3, left)
        self._grid.addWidget(self._note, len(SLIDES) + 3, 0, 1, 3)
        self._grid.addWidget(self.again, len(SLIDES) + 4, 0, 1, 3, Qt.AlignmentFlag.AlignRight)
        self._grid.setColumnStretch(1, 1)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def how(self) -> Disturbance:
        """What is done to the image."""
        return self._how

    @property
    def seed(self) -> int | None:
        """Of the chance of training; None where the network is looked at as it is used."""
        return self._draw if self.modes.current() == "trained" else None

    def set_mode(self, mode: str) -> None:
        """Look at the network as it is "used", or as it is "trained"."""
        if mode != self.modes.current():
            self.modes.set_current(mode)
            self._take_mode(mode)

    def draw_again(self) -> None:
        """Let chance drop others, and choose others into the batch."""
        self._draw += 1
        if self.seed is not None:
            self.mode_changed.emit(self.seed)

    def show_found(self, found: AsTrained | None) -> None:
        """Say what layers have done as in training."""
        if found != self._found:
            self._found = found
            self._say_mode()

    def reset(self) -> None:
        """Leave the image as it is."""
        for slide in SLIDES:
            slider = self._rows[slide.name][1]
            blocker = QSignalBlocker(slider)
            slider.setValue(slide.position(getattr(UNDISTURBED, slide.name)))
            blocker.unblock()
        self._take(UNDISTURBED)

    def words(self) -> list[str]:
        """What is done to the image, in words: "turned 30°", each with its amount."""
        default = UNDISTURBED
        mode = [] if self.seed is None else [tr("as in training")]
        return mode + [
            f"{self._rows[slide.name][0].text()} {self._amount(slide)}"
            for slide in SLIDES
            if getattr(self._how, slide.name) != getattr(default, slide.name)
        ]

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Experiments"))
        self._heading.setText(tr("Experiments"))
        self._back.setText(tr("Reset the image"))
        titles = {
            "right": (tr("Shift right"), tr("Convolution: the maps are shifted with the image.")),
            "down": (tr("Shift down"), tr("Convolution: the maps are shifted with the image.")),
            "turn": (tr("Rotate"), tr("Filters do not turn along: rotated, an image is another.")),
            "scale": (tr("Scale"), tr("Filters stay as large as they are.")),
            "blur": (tr("Blur"), tr("Edges become soft; what looks for edges answers weaker.")),
            "noise": (tr("Noise"), tr("The same random pattern, weaker or stronger.")),
        }
        for name, (title, help_text) in titles.items():
            label, slider, _ = self._rows[name]
            label.setText(title)
            slider.setAccessibleName(title)
            for widget in (label, slider):
                widget.setToolTip(help_text)
        self.modes.set_tabs([("used", tr("In use")), ("trained", tr("In training"))])
        self.modes.setAccessibleName(tr("Dropout and batch norm"))
        self.modes.setToolTip(
            tr(
                "Dropout and batch norm work differently in training. This changes only "
                "what is shown: no run is touched by it."
            )
        )
        self.again.setText(tr("Draw again"))
        self.again.setToolTip(tr("Drop others, and put others into the batch"))
        self._show()
        self._say_mode()

    def _take_mode(self, mode: str) -> None:
        self._say_mode()
        self.mode_changed.emit(self.seed)

    def _say_mode(self) -> None:
        on, found = self.seed is not None, self._found
        self.again.setVisible(on)
        self._note.setVisible(on)
        if not on or found is None:
            self._note.setText("")
            return
        said = []
        if found.dropouts:
            said.append(tr("Dropout drops at random."))
        if found.norms:
            said.append(
                tr(
                    "Batch norm uses the statistics of this image and {n} random training "
                    "images, not its running ones.",
                    n=found.together - 1,
                )
            )
        nothing = tr("Neither dropout nor batch norm is at work here: nothing changes.")
        self._note.setText(together(said) or nothing)

    def _slid(self, slide: _Slide) -> Callable[[int], None]:
        def take(position: int) -> None:
            values: dict[str, Any] = {slide.name: slide.value(position)}
            self._take(dataclasses.replace(self._how, **values))

        return take

    def _take(self, how: Disturbance) -> None:
        changed = how != self._how
        self._how = how
        self._show()
        if changed:
            self.changed.emit(how)

    def _show(self) -> None:
        for slide in SLIDES:
            _, slider, value = self._rows[slide.name]
            value.setText(self._amount(slide))
            slider.setAccessibleDescription(value.text())
        as_it_is = Message("The image is as it is already")
        allow_widget(self._back, as_it_is if self._how == UNDISTURBED else None)

    def _amount(self, slide: _Slide) -> str:
        value = getattr(self._how, slide.name)
        return f"{value:.3g}".replace("-", "−") + slide.unit

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(2))
        for _, slider, value in self._rows.values():
            slider.setMinimumWidth(theme.px(40))
            value.setFixedWidth(theme.px(44))
