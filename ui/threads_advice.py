"""A word where other programs take the cores that a run computes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.message import Message
from ui.i18n import language, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.engine.protocol import Progress
    from ui.engine_client import EngineClient
    from ui.widgets.banner import Banner

FEWEST_CORES = 0.8
"""A run that has less than the time of one core has threads that wait for others."""


class ThreadsAdvice(QObject):
    """Shows one line with a button, once a run: fewer threads may be faster. Whether they were is
    told afterwards, by the images a second before and after."""

    asked = Signal()
    """The line is taken."""

    def __init__(self, engine: EngineClient, banner: Banner, then: QWidget) -> None:
        """then: where the keyboard goes once a button of the line has been pressed."""
        super().__init__(banner)
        self._engine, self._banner, self._then = engine, banner, then
        self._said: Message | None = None
        self._shown = ""
        self._run = -1
        """The run that has been advised."""
        self._before: tuple[int, float] | None = None
        """With how many threads how many images a second were learned from."""
        engine.progress_changed.connect(self._follow)
        banner.closed.connect(self._leave)
        language.changed.connect(self._retranslate)

    def _follow(self, progress: Progress) -> None:
        if progress.state != "running" or progress.cores is None:
            if progress.state in ("finished", "stopped", "failed"):
                self._end()
                self._before = None
            return
        rate, threads = progress.images_per_second, self._engine.threads
        if rate is None:
            return
        if self._before is not None and threads == 1:
            self._compare(rate)
        elif threads > 1 and progress.cores < FEWEST_CORES and progress.run != self._run:
            self._run = progress.run
            self._tell(
                Message(
                    "Other programs take the processor: of {threads} cores the training gets the "
                    "time of {cores:.1f}, and its threads wait for each other. With one thread it "
                    "may be faster.",
                    threads=threads,
                    cores=progress.cores,
                )
            )

    def _compare(self, rate: float) -> None:
        assert self._before is not None
        threads, before = self._before
        self._before = None
        self._tell(
            Message(
                "With one thread the training learns from {now:,} images a second; with {threads} "
                "it were {before:,}.",
                now=round(rate),
                threads=threads,
                before=round(before),
            )
        )

    def _tell(self, message: Message) -> None:
        self._said = message
        self._show()

    def _show(self) -> None:
        if self._said is None:
            return
        choices: list[tuple[str, Callable[[], None]]] = []
        if self._engine.threads > 1:
            choices = [(tr("Use one thread"), lambda: self._use(1))]
        else:
            choices = [(tr("Use all cores"), lambda: self._use(0))]
        self.asked.emit()
        self._shown = text(self._said)
        self._banner.show_message(self._shown, "info", choices)

    def _use(self, threads: int) -> None:
        self._then.setFocus()  # before its button goes
        progress = self._engine.progress
        rate = progress.images_per_second if progress is not None else None
        self._end()
        self._before = (self._engine.threads, rate) if threads == 1 and rate else None
        self._engine.use_threads(threads)

    def _end(self) -> None:
        """The line has been answered, or the run is over."""
        if self._shown and self._banner.text() == self._shown:
            self._banner.clear()
        self._leave()

    def _leave(self) -> None:
        self._said, self._shown = None, ""

    def _retranslate(self) -> None:
        if self._shown and self._banner.text() == self._shown:
            self._show()
