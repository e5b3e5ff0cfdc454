"""The recipe for the fewest mistakes: its network, and what is asked of it."""

from __future__ import annotations

import itertools

import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.process import ENVIRONMENT
from cnnviz.layers import Branches, Dense, Flatten
from cnnviz.network import Network, named_by_place
from cnnviz.recipes import THOROUGH, project_of
from scripts.train_best import accuracies, as_the_engine
from tests.engine.desk import small_network
from tests.engine.runs import run_of

WIDTHS = (32, 64, 64, 128)
"""Filters of each convolution."""


def test_the_recipe_is_the_one_that_is_described() -> None:
    project = project_of(THOROUGH)
    report = analyze(project.network, 10)
    assert report.problem is None
    filters = [(25, 32), *((25 * one, other) for one, other in itertools.pairwise(WIDTHS))]
    convolutions = sum(before * after + 2 * after for before, after in filters)
    assert report.trainable == 2 * (convolutions + (6 * 6 * 128 + 1) * 10)
    assert project.network.ensemble is not None
    assert project.training.branches_apart
    assert project.preparation.augments


def test_the_whole_and_each_branch_are_asked_for_all_test_images() -> None:
    chain = (Flatten(), Dense(units=10))
    run = run_of(named_by_place(Network(layers=(Branches(branches=3 * (chain,)),))))
    labels = run.data.test_labels
    always = 2, 5, 9
    tensors = {uid: values for (uid, name, _), values in run.model.tensors() if name == "bias"}
    with torch.no_grad():  # each branch always says the same, the first one the surest
        for values, said, sure in zip(tensors.values(), always, (300, 200, 100), strict=True):
            values.copy_(torch.eye(10)[said] * sure)
    whole, alone = accuracies(run)
    share = [float((labels == said).float().mean()) for said in always]
    assert alone == pytest.approx(share)
    assert whole == pytest.approx(share[0])


def test_a_network_that_is_no_ensemble_is_refused() -> None:
    with pytest.raises(ValueError, match="does not end in branches"):
        accuracies(run_of(small_network()))


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_it_is_started_as_the_program_starts_its_engine(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    begun: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr("scripts.train_best.sys.platform", platform)
    monkeypatch.setattr("scripts.train_best.sys.argv", ["train_best", "--seeds", "2"])
    monkeypatch.setattr(
        "scripts.train_best.os.execve", lambda _, command, given: begun.append((command, given))
    )
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    as_the_engine()
    if platform != "linux":
        assert not begun
        return
    ((command, given),) = begun
    assert command[1:] == ["-m", "scripts.train_best", "--seeds", "2"]
    assert given.items() >= ENVIRONMENT.items()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    as_the_engine()
    assert len(begun) == 1
