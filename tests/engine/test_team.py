"""Two processes that train together learn what one learns alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from cnnviz.engine.device import set_up_threads
from cnnviz.engine.team import Team, _device, joined, kept_by_norms
from cnnviz.files import open_project
from cnnviz.message import UserError
from tests.engine.team_member import CASES, trained
from tests.support.command_line import ROOT

if TYPE_CHECKING:
    from pathlib import Path

distributed = pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="this build of PyTorch has no torch.distributed with gloo",
)
TRAIN = ["cnnviz", "train", "tiny", "--dataset", "toy_edges", "--new-head", "--device", "cpu"]


class Pair:
    """Two processes that are told of each other as torchrun tells them."""

    def __init__(self, *arguments: str, more: tuple[list[str], list[str]] = ([], [])) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", *arguments, *more[rank]],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={
                    **os.environ, "OMP_NUM_THREADS": "1", "RANK": str(rank), "WORLD_SIZE": "2",
                    "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": "2",
                    "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
                },
            )
            for rank in range(2)
        ]  # fmt: skip

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()

    def at_work(self) -> None:
        """Wait until steps have been made."""
        error = self.processes[0].stderr
        assert error is not None
        seen = ""
        while "steps/s" not in seen:  # the bar appears when the first step is about to be done
            character = error.read(1)
            assert character, seen
            seen += character
        time.sleep(0.5)

    def said(self, rank: int) -> tuple[int, str, str]:
        """How a process ended, and what it printed."""
        out, err = self.processes[rank].communicate(timeout=60)
        assert "Traceback" not in err, err
        return self.processes[rank].returncode, out, err


@pytest.fixture(scope="module")
def together() -> list[dict[str, Any]]:
    """What each of two processes says of every case."""
    with Pair("tests.engine.team_member") as pair:
        ends = [pair.said(rank) for rank in range(2)]
    assert [code for code, _, _ in ends] == [0, 0], ends
    return [json.loads(out.splitlines()[-1]) for _, out, _ in ends]


@distributed
@pytest.mark.parametrize("case", [case for case in CASES if case != "with batch norm"])
def test_two_learn_what_one_learns(together: list[dict[str, Any]], case: str) -> None:
    alone = trained(case, None)
    for one in together:
        found = one[case]
        assert found["labels"] == alone["labels"]
        assert found["ended"] == alone["ended"]
        assert found["rate"] == alone["rate"]
        for kind, expected in zip(found["points"], alone["points"], strict=True):
            assert len(kind) == len(expected)
            for values, wanted in zip(kind, expected, strict=True):
                assert values == pytest.approx(wanted, rel=1e-4)
        assert found["answers"] == alone["answers"]
        assert found["confidence"] == pytest.approx(alone["confidence"], rel=1e-4)
    assert (alone["ended"] != "None") == (case == "that ends early")
    assert bool(alone["points"][2]) == (case == "changed by chance")


@distributed
@pytest.mark.parametrize("case", CASES)
def test_both_are_told_the_same_and_have_the_same_weights(
    together: list[dict[str, Any]], case: str
) -> None:
    assert together[0][case] == together[1][case]


@distributed
def test_batch_norm_learns_as_well(together: list[dict[str, Any]]) -> None:
    alone = trained("with batch norm", None)["points"][1][-1]
    _, loss, accuracy = together[0]["with batch norm"]["points"][1][-1]
    assert loss == pytest.approx(alone[1], rel=0.5)
    assert accuracy == pytest.approx(alone[2], abs=0.1)


@distributed
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_a_signal_to_one_ends_both_in_the_same_step_and_saves(tmp_path: Path) -> None:
    out = tmp_path / "out.cnnviz"
    with Pair(*TRAIN, "--epochs", "5000", "--out", str(out)) as pair:
        pair.at_work()
        pair.processes[1].send_signal(signal.SIGTERM)
        first, second = pair.said(0), pair.said(1)
    assert (first[0], second[0]) == (130, 130), (first, second)
    assert second[1:] == ("", "")
    assert f"Saved {out}." in first[2].splitlines()[-1]
    [run] = open_project(out).runs
    assert run.state == "stopped"
    assert f"Interrupted after {run.step:,} of " in first[2]


@distributed
def test_who_is_gone_ends_the_other_with_a_sentence_and_what_was_learned(tmp_path: Path) -> None:
    out = tmp_path / "out.cnnviz"
    with Pair(*TRAIN, "--epochs", "5000", "--out", str(out)) as pair:
        pair.at_work()
        pair.processes[1].kill()
        started = time.monotonic()
        code, printed, said = pair.said(0)
    assert time.monotonic() - started < 30
    assert code == 2
    assert printed == ""
    assert "has ended or does not answer" in said.splitlines()[-1]
    assert open_project(out).weights


@distributed
def test_two_that_differ_do_not_begin() -> None:
    with Pair(*TRAIN, more=(["--seed", "1"], ["--seed", "2"])) as pair:
        ends = [pair.said(rank) for rank in range(2)]
    for code, printed, said in ends:
        assert (code, printed) == (2, "")
        assert "differ in their network" in said.splitlines()[-1]


@distributed
def test_a_loss_that_is_no_number_is_told_once() -> None:
    rate = ["--optimizer", "sgd", "--momentum", "0.99", "--learning-rate", "1000", "--epochs", "50"]
    with Pair(*TRAIN, *rate) as pair:
        first, second = pair.said(0), pair.said(1)
    assert (first[0], second) == (1, (1, "", ""))
    assert "The loss is no longer a number" in first[2].splitlines()[-1]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("least", [1, 2])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 32])
def test_every_image_is_in_one_share(size: int, least: int, count: int) -> None:
    shares = [Team(rank, size, size, "cpu").share(count, least) for rank in range(size)]
    counted = [number for some, part in shares if part for number in range(count)[some]]
    assert counted == list(range(count))
    assert sum(part for _, part in shares) == pytest.approx(1)
    for some, part in shares:
        assert len(range(count)[some]) >= min(least, count)
        assert part in (0, len(range(count)[some]) / count)


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_alone")
def test_who_is_alone_has_no_team(monkeypatch: pytest.MonkeyPatch) -> None:
    with joined(None) as team:
        assert team is None
    for name in ("RANK", "LOCAL_RANK", "MASTER_PORT"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "1")
    with joined(None) as team:
        assert team is None


@pytest.mark.parametrize(
    ("wanted", "gpus", "place", "beside", "device"),
    [(None, 0, 1, 2, "cpu"), ("cpu", 4, 1, 2, "cpu"), (None, 4, 3, 4, "cuda:3")],
)
def test_each_takes_a_gpu_of_its_own(
    wanted: str | None, gpus: int, place: int, beside: int, device: str
) -> None:
    assert _device(wanted, gpus, place, beside) == device


def test_two_cannot_have_the_same_gpu() -> None:
    with pytest.raises(UserError, match="1 GPUs here for 2"):
        _device(None, 1, 0, 2)
    with pytest.raises(UserError, match="GPU of its own"):
        _device("cuda:0", 2, 0, 2)


def test_processes_beside_each_other_share_the_cores() -> None:
    all_cores = set_up_threads()
    assert set_up_threads(beside=2) == max(1, all_cores // 2)
    assert set_up_threads(beside=10_000) == 1


def test_a_frozen_norm_is_left_alone() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2), nn.BatchNorm1d(2))
    model[0].eval()
    kept = kept_by_norms(model)
    assert [id(values) for values in kept] == [id(model[2].running_mean), id(model[2].running_var)]
