"""The batch of the last step, as it was in it, for nothing while nobody looks."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cnnviz.engine.protocol import Load, Studied, Study, Train
from cnnviz.engine.protocol.studies import Learned, Lesson
from cnnviz.engine.train import Run
from cnnviz.preparation import Preparation
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, Desk, points, samples, small_network

CHANGED = Preparation(scaling="standardised", rotate=20, noise=0.05)
SETTINGS = {
    "plain": QUICK,
    "smoothed": msgspec.structs.replace(QUICK, label_smoothing=0.2, shift=2),
    "squares": msgspec.structs.replace(QUICK, loss="mean_squared_error"),
}


def ask(desk: Desk, count: int = 60, number: int = 1) -> Studied:
    desk.tell(Study(number, "batch", Lesson(count)))
    desk.engine.advance()
    return desk.last(Studied)


def learned(desk: Desk, count: int = 60) -> Learned:
    finding = ask(desk, count).finding
    assert isinstance(finding, Learned)
    return finding


def train(desk: Desk, settings: Training, preparation: Preparation, steps: int) -> None:
    desk.tell(Load(1, RESTLESS, "mnist", 0, [], [], preparation))
    desk.tell(Train(1, settings, steps, preparation=preparation))
    desk.work()


@pytest.mark.parametrize("preparation", [Preparation(), CHANGED], ids=["as it is", "changed"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_batch_is_what_the_network_was_given_in_that_step(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: Training, preparation: Preparation
) -> None:
    """Held against what went into the network, and PyTorch's own losses of what came out."""
    given: list[torch.Tensor] = []
    put_out: list[torch.Tensor] = []
    real = Run._seen_in

    def noted(run: Run, *more: object) -> torch.Tensor:
        given.append(real(run, *more))  # type: ignore[arg-type]
        return given[-1]

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_seen_in", noted)
        desk.revision = 1
        desk.tell(Load(1, RESTLESS, "mnist", 0, [], [], preparation))
        model = desk.engine.bench.model
        assert model is not None
        with_hook = model.register_forward_hook(lambda m, i, out: put_out.append(out.detach()))
        desk.tell(Train(1, settings, 3, preparation=preparation))
        desk.work()
        with_hook.remove()
    finding = learned(desk)
    assert (finding.step, finding.size) == (3, settings.batch_size)
    shown = samples()
    labels = torch.from_numpy(shown.train_labels[finding.places]).long()
    assert finding.labels == labels.tolist()
    assert finding.losses == sorted(finding.losses, reverse=True)
    assert finding.losses[0] > finding.losses[-1]
    # Which row of the batch each of them was.
    run = desk.engine.runner.run
    assert run is not None
    rows = [run.order(0).tolist()[64:96].index(place) for place in finding.places]
    assert sorted(rows) == list(range(32))
    np.testing.assert_array_equal(finding.images.array(), given[-1][rows].numpy())
    logits = put_out[-1][rows]
    if settings.loss == "mean_squared_error":
        squares = (logits.softmax(1) - F.one_hot(labels, 10)) ** 2
        losses = squares.mean(1)
    else:
        losses = F.cross_entropy(
            logits, labels, label_smoothing=settings.label_smoothing, reduction="none"
        )
    np.testing.assert_allclose(finding.losses, losses.numpy(), rtol=1e-4, atol=1e-7)
    assert finding.predicted == logits.argmax(1).tolist()
    assert finding.correct == int((logits.argmax(1) == labels).sum())
    step, told = points(desk)[-1]
    assert step == 3
    assert told == pytest.approx(finding.loss, rel=1e-5)


def test_only_those_that_are_wanted_come(desk: Desk) -> None:
    train(desk, QUICK, Preparation(), 1)
    all_of_them, some = learned(desk), learned(desk, 5)
    assert some.losses == all_of_them.losses[:5]
    assert some.images.array().shape == (5, 1, 28, 28)
    assert (some.size, some.loss) == (32, all_of_them.loss)


def test_looking_changes_nothing_of_the_run(desk: Desk) -> None:
    other = Desk()
    for one in (desk, other):
        train(one, QUICK, CHANGED, 2)
        for number in range(2, 6):
            one.tell(Train(1, QUICK, 1, preparation=CHANGED))
            one.work()
            if one is desk:
                ask(one, number=number)
                one.work()
    assert points(desk) == points(other)


def test_before_the_first_step_it_says_what_to_do(desk: Desk) -> None:
    desk.load(small_network())
    answer = ask(desk)
    assert answer.finding is None
    assert answer.done == 1
    assert answer.note is not None
    assert "one step" in str(answer.note.message())
