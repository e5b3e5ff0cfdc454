"""The test images of a data set, loaded in small slices between the events of the window."""

from __future__ import annotations

from random import randrange
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnviz.data.datasets import load_test_steps
from cnnviz.message import UserError

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    Images = NDArray[np.uint8]


class TestImages(QObject):
    """Images and labels once `loaded` has been emitted; a slice takes some three milliseconds."""

    __test__ = False  # for pytest, which would take the name for a test's

    loaded = Signal()
    failed = Signal(object)
    """Message: why the files cannot be used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: Images | None = None
        self._labels: Images | None = None
        self._steps: Generator[None, None, tuple[Images, Images]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def load(self, name: str) -> None:
        """Begin with the test images of a data set, after what waits to be painted."""
        self._images = self._labels = None
        self._steps = load_test_steps(name)
        self._timer.start()

    @property
    def ready(self) -> bool:
        """Whether all are there."""
        return self._images is not None

    def image(self, index: int) -> Images:
        """One image (height, width). Only once they are there."""
        assert self._images is not None
        return np.asarray(self._images[index])

    def label(self, index: int) -> int:
        """Its true class. Only once they are there."""
        assert self._labels is not None
        return int(self._labels[index])

    def any(self) -> int:
        """The index of an image by chance."""
        assert self._images is not None
        return randrange(len(self._images))

    def _go_on(self) -> None:
        assert self._steps is not None
        try:
            next(self._steps)
        except StopIteration as end:
            self._timer.stop()
            self._images, self._labels = end.value
            self.loaded.emit()
        except UserError as error:
            self._timer.stop()
            self.failed.emit(error.message)
