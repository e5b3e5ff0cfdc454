"""The test images of a data set, read away from the window's thread."""

from __future__ import annotations

import threading
from random import randrange
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnviz.data.datasets import load_test_steps
from ui.background import Background

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.data.datasets import Source
    from cnnviz.message import UserError

    Images = NDArray[np.uint8]


class _Reading:
    """One reading of one data set, which can be given up between two steps."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.cancelled = threading.Event()

    def read(self) -> tuple[Images, Images] | None:
        """Images and labels; None where it was given up. Raises UserError."""
        steps = load_test_steps(self._source)
        while not self.cancelled.is_set():
            try:
                next(steps)
            except StopIteration as end:
                found: tuple[Images, Images] = end.value
                return found
        return None


class TestImages(QObject):
    """Images and labels once `loaded` has been emitted."""

    __test__ = False  # for pytest, which would take the name for a test's

    loaded = Signal()
    failed = Signal(object)
    """UserError: why the files cannot be used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._reading: _Reading | None = None
        self._images: Images | None = None
        self._labels: Images | None = None

    def load(self, source: Source) -> None:
        """Begin with the test images of a data set; those of another one are given up."""
        self._give_up()
        self._images = self._labels = None
        reading = self._reading = _Reading(source)

        def done(found: tuple[Images, Images] | None) -> None:
            if found is not None and reading is self._reading:
                self._images, self._labels = found
                self.loaded.emit()

        def failed(error: UserError) -> None:
            if reading is self._reading:
                self.failed.emit(error)

        self._background.run(reading.read, done, failed)

    def close(self) -> None:
        """The program ends: read no further."""
        self._give_up()
        self._background.close()

    @property
    def ready(self) -> bool:
        """Whether all are there."""
        return self._images is not None

    @property
    def count(self) -> int:
        """How many there are; 0 until they are there."""
        return 0 if self._images is None else len(self._images)

    def image(self, index: int) -> Images:
        """One image (height, width) or (height, width, 3). Only once they are there."""
        assert self._images is not None
        return np.asarray(self._images[index])

    def label(self, index: int) -> int:
        """Its true class. Only once they are there."""
        assert self._labels is not None
        return int(self._labels[index])

    def any(self) -> int:
        """The index of an image by chance."""
        return randrange(self.count)

    def _give_up(self) -> None:
        if self._reading is not None:
            self._reading.cancelled.set()
        self._reading = None
