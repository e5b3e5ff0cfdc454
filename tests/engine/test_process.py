"""The engine as a process: it comes up, listens to nobody but its window, and never outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.probe import look
from cnnviz.engine.process import start
from cnnviz.engine.protocol import (
    FromEngine,
    Load,
    Probe,
    Probed,
    Progress,
    Quit,
    Ready,
    Tensor,
    ToEngine,
    Train,
    decode_from_engine,
    frames,
)
from cnnviz.layers import Dense, Flatten
from cnnviz.network import Network, named_by_place
from tests.engine.desk import RESTLESS, samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cnnviz.training import Training

PATIENCE = 60.0
"""Seconds until a machine with other work must have answered."""


class Engine:
    """A real engine process and this end of its pipe."""

    def __init__(self) -> None:
        self.process, self.connection = start()

    def say(self, *messages: ToEngine) -> None:
        for message in messages:
            for frame in frames(message):
                self.connection.send_bytes(frame)

    def hear(self) -> FromEngine:
        assert self.connection.poll(PATIENCE), "the engine says nothing"
        return decode_from_engine(self.connection.recv_bytes())

    def hear_until(self, kind: type[FromEngine]) -> FromEngine:
        while not isinstance(message := self.hear(), kind):
            pass
        return message

    def train(self, training: Training) -> None:
        """Begin a run on MNIST and wait until it is under way."""
        self.say(Load(1, RESTLESS, "mnist", 0, [], []), Train(1, training))
        while not (isinstance(message := self.hear(), Progress) and message.state == "running"):
            pass

    def ended(self) -> int | None:
        """Its exit code, once it is gone."""
        self.process.join(PATIENCE)
        return self.process.exitcode


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine that is up; afterwards it is gone whatever happened."""
    found = Engine()
    try:
        assert isinstance(found.hear(), Ready)
        yield found
    finally:
        found.connection.close()
        found.process.kill()
        found.process.join()
        found.process.close()


@pytest.fixture
def training() -> Training:
    from cnnviz.training import Training

    return Training(epochs=1000)


def test_it_answers_until_it_is_told_to_quit() -> None:
    before = dict(os.environ)
    with engine() as found:
        assert dict(os.environ) == before
        pid = found.process.pid
        assert pid is not None
        process = psutil.Process(pid)
        if sys.platform != "win32":
            assert process.nice() >= 10  # the window goes first
            os.kill(pid, signal.SIGINT)  # Ctrl+C in the terminal is for the window
        image = samples(0, 1).test_images[0]
        probe = Probe(5, image.tobytes(), 28, 28, 1, "conv")
        found.say(Load(3, RESTLESS, "mnist", 8, [], []), probe)
        answer = found.hear()
        assert isinstance(answer, Probed)
        model = build(analyze(RESTLESS, 10), {}, 8)
        expected = look(model, probe, revision=3, step=0, device="cpu")
        np.testing.assert_allclose(answer.probabilities, expected.probabilities, atol=1e-6)
        for one, other in zip(answer.layers, expected.layers, strict=True):
            assert (one.uid, one.shape) == (other.uid, other.shape)
            np.testing.assert_allclose(one.array(), other.array(), atol=1e-5)
        found.say(Quit())
        assert found.ended() == 0


def test_large_arrays_travel_on_their_own() -> None:
    """Those of a megabyte and more, each behind the message, and not a value is lost."""
    network = named_by_place(
        Network(layers=(Flatten(), Dense(units=700), Dense(units=700), Dense(units=10)))
    )
    report = analyze(network, 10)
    weights = learned(build(report, {}, 5))
    tensors = [Tensor.of(uid, name, weights[uid, name, s]) for uid, name, s in weights]
    load = Load(1, network, "mnist", 0, [], tensors)
    pieces = list(frames(load))
    assert [len(piece) for piece in pieces[1:]] == [700 * 784 * 4, 700 * 700 * 4]
    image = samples(0, 1).test_images[0]
    probe = Probe(5, image.tobytes(), 28, 28, 1, "2")
    with engine() as found:
        found.say(load, probe)
        answer = found.hear()
        assert isinstance(answer, Probed)
        expected = look(build(report, weights, 0), probe, revision=1, step=0, device="cpu")
        np.testing.assert_allclose(answer.probabilities, expected.probabilities, atol=1e-5)
        for one, other in zip(answer.weights, expected.weights, strict=True):
            np.testing.assert_array_equal(one.array(), other.array())
        found.say(Quit())
        assert found.ended() == 0


def test_it_ends_when_its_window_closes_the_pipe(training: Training) -> None:
    """Also while it trains flat out."""
    with engine() as found:
        found.train(training)
        found.connection.close()
        assert found.ended() == 0


OWNER = """
import time
from cnnviz.engine.process import start
from cnnviz.engine.protocol import decode_from_engine

if __name__ == "__main__":
    process, connection = start()
    decode_from_engine(connection.recv_bytes())
    print(process.pid, flush=True)
    time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal that cannot be caught")
def test_it_ends_when_its_window_is_killed(tmp_path: Path) -> None:
    owner = tmp_path / "owner.py"
    owner.write_text(OWNER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(owner)], stdout=subprocess.PIPE, text=True, env=environment
    ) as window:
        assert window.stdout is not None
        child = psutil.Process(int(window.stdout.readline()))
        window.kill()
    gone, alive = psutil.wait_procs([child], PATIENCE)
    for process in alive:
        process.kill()
    assert gone == [child]


def test_what_is_no_message_ends_it_and_is_never_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A window that talks nonsense is broken; the next one gets a new engine. A pickle is nonsense
    too: the file that it would make when loaded is never made."""
    trace = tmp_path / "trace"
    with engine() as found:
        found.connection.send_bytes(f"cbuiltins\nopen\n(V{trace}\nVw\ntR.".encode())
        assert found.ended() == 1
    assert not trace.exists()
    assert "msgspec" in capfd.readouterr().err


def test_the_window_does_not_import_torch_with_it() -> None:
    code = (
        "import sys, cnnviz.engine.process, cnnviz.engine.protocol, ui.engine_client\n"
        "print([name for name in sys.modules if name == 'torch' or name.startswith('torch.')])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.strip() == "[]"
