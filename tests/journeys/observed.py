"""Runs the program as `main.py` does and answers what a test asks; it never does anything to it.

    python -m tests.journeys.observed [ARGUMENTS OF THE PROGRAM]

Questions come as JSON lines from the standard input, ["name", argument, ...], and are answered on
the standard output, {"answer": ...} or {"error": "..."}. They are read in the window's own thread:
an answer is what a person sees between two events. When the questions end, so does the program.

The engine process imports this module again, which is why Qt is imported inside.
"""

from __future__ import annotations

import os
import sys

import msgspec


def main() -> int:
    """The exit status of the program."""
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication

    from tests.journeys.answers import Answers
    from ui.app import main as program

    app = QApplication(sys.argv[:1])
    answers, waiting = Answers(), bytearray()

    def read() -> None:
        received = os.read(0, 65536)
        if not received:
            os._exit(70)  # the test is gone; nobody is to be asked about unsaved work
        waiting.extend(received)
        while b"\n" in waiting:
            line, _, rest = bytes(waiting).partition(b"\n")
            waiting[:] = rest
            try:
                question, *arguments = msgspec.json.decode(line)
                answer = {"answer": getattr(answers, question)(*arguments)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            os.write(1, msgspec.json.encode(answer) + b"\n")

    notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, app)
    notifier.activated.connect(read)
    return program(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
