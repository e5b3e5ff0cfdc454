"""What each setting of training does to a run, against the same loop by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cnnviz.engine import train
from cnnviz.engine.augment import shifted
from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.loss import loss_of
from cnnviz.engine.protocol import Examined, Progress, Ready, Settings, UseThreads
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.preparation import Preparation
from cnnviz.runs import Changed
from cnnviz.schedule import learning_rate
from cnnviz.training import Training
from tests.engine.desk import LONG, QUICK, RESTLESS, TEST, TRAIN, Desk, samples, small_network
from tests.engine.runs import finish, identical, run_of, state


def settings(**changed: object) -> Training:
    return msgspec.convert(msgspec.to_builtins(QUICK) | changed, Training)


# --- schedules --------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "one_cycle"])
def test_every_step_has_the_rate_of_its_schedule(schedule: str) -> None:
    training = settings(schedule=schedule, warm_up=2, epochs=4, step_epochs=1)
    run = run_of(small_network(), training)
    used = []
    done = 0
    for _ in run.work:
        if run.step > done:
            done = run.step
            used.append(run.optimizer.param_groups[0]["lr"])
    assert used == [learning_rate(training, step, 3) for step in range(12)]


def test_a_plateau_reduces_the_rate_after_its_patience() -> None:
    """At a rate of nothing no loss becomes lower: each further epoch is one without gain."""
    training = settings(schedule="plateau", factor=0.5, plateau_patience=1, epochs=6,
                        learning_rate=1e-30)  # fmt: skip
    run = run_of(small_network(), training)
    rates = [run.learning_rate for _ in run.work if run.epoch_over]
    assert [rate / 1e-30 for rate in rates] == pytest.approx([1, 1, 0.5, 0.5, 0.25, 0.25])


# --- loss, clipping, precision ----------------------------------------------------------------


def by_hand(training: Training, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
    """Two steps on all images: the losses that the run tells are those of this loop."""
    training = msgspec.structs.replace(training, batch_size=TRAIN, epochs=2)
    run = run_of(small_network(), training)
    hand = run_of(small_network(), training)
    optimizer = torch.optim.SGD(hand.model.parameters(), training.learning_rate, 0.9)
    x, labels = fit(hand.data.train_images, hand.model.input), hand.data.train_labels
    losses = []
    for _ in range(2):
        optimizer.zero_grad()
        found = loss(hand.model(x), labels)
        found.backward()
        if training.clipping:
            torch.nn.utils.clip_grad_norm_(hand.model.parameters(), training.clipping)
        optimizer.step()
        losses.append(found.item())
    assert [point.loss for point in finish(run)] == pytest.approx(losses, rel=1e-4)


def test_label_smoothing_is_pytorchs() -> None:
    by_hand(
        settings(label_smoothing=0.2),
        lambda logits, labels: F.cross_entropy(logits, labels, label_smoothing=0.2),
    )


def test_the_squared_error_is_that_of_the_probabilities() -> None:
    by_hand(
        settings(loss="mean_squared_error", learning_rate=1.0),
        lambda logits, labels: F.mse_loss(logits.softmax(1), F.one_hot(labels, 10).float()),
    )


def test_a_loss_over_slices_is_that_over_all() -> None:
    chance = torch.Generator().manual_seed(0)
    logits = torch.randn(30, 10, generator=chance)
    labels = torch.randint(10, (30,), generator=chance)
    for training in (settings(label_smoothing=0.1), settings(loss="mean_squared_error")):
        parts = [loss_of(training, logits[i : i + 7], labels[i : i + 7], "sum")
                 for i in range(0, 30, 7)]  # fmt: skip
        whole = float(loss_of(training, logits, labels))
        assert float(sum(parts)) / 30 == pytest.approx(whole, rel=1e-5)


def test_long_gradients_are_cut() -> None:
    by_hand(settings(clipping=0.01), F.cross_entropy)
    run = run_of(small_network(), settings(clipping=0.01, momentum=0.0, learning_rate=1.0))
    before = [weight.detach().clone() for weight in run.weights]
    next(run.work)
    moved = [now.detach() - old for now, old in zip(run.weights, before, strict=True)]
    length = math.sqrt(sum(float(step.square().sum()) for step in moved))
    assert length == pytest.approx(0.01, rel=1e-3)


def test_bfloat16_rounds_the_steps_and_leaves_weights_and_pictures_alone() -> None:
    exact, low = run_of(small_network()), run_of(small_network(), settings(precision="bfloat16"))
    one, other = finish(exact), finish(low)
    assert all(weight.dtype == torch.float32 for weight in low.weights)
    losses = [point.loss for point in one], [point.loss for point in other]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    assert exact.test is not None
    assert low.test is not None
    assert exact.test.loss == pytest.approx(low.test.loss, rel=0.05)


@pytest.mark.parametrize(
    "changed",
    [
        {"precision": "bfloat16"},
        {"shift": 3},
        {"schedule": "one_cycle", "clipping": 1.0, "label_smoothing": 0.1},
        {"loss": "mean_squared_error", "optimizer": "rmsprop", "alpha": 0.9},
    ],
)
def test_every_setting_keeps_a_run_repeatable_to_the_last_bit(changed: dict[str, object]) -> None:
    first, again = run_of(RESTLESS, settings(**changed)), None
    curve = finish(first)
    again = run_of(RESTLESS, settings(**changed))
    assert finish(again) == curve
    assert identical(state(first.model), state(again.model))


# --- shift ------------------------------------------------------------------------------------


def test_a_shift_moves_a_batch_as_a_whole_and_lets_zeros_in() -> None:
    x = torch.rand(3, 2, 6, 5) + 1
    places = set()
    for step in range(200):
        moved = shifted(x, 1, seed=0, step=step)
        assert moved.shape == x.shape
        found = [
            (down, right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if torch.equal(moved, F.pad(x, (1, 1, 1, 1))[:, :, 1 - down : 7 - down,
                                                         1 - right : 6 - right])
        ]  # fmt: skip
        places.update(found)
        assert len(found) == 1
    assert len(places) == 9


def test_how_far_is_a_matter_of_seed_and_step_alone() -> None:
    x = torch.rand(1, 1, 9, 9)
    for step in (0, 7):
        assert torch.equal(shifted(x, 4, 1, step), shifted(x, 4, 1, step))
    assert any(not torch.equal(shifted(x, 4, 1, s), shifted(x, 4, 2, s)) for s in range(5))
    assert shifted(x, 0, 1, 0) is x


def test_a_shift_may_be_larger_than_the_image() -> None:
    for step in range(60):
        assert shifted(torch.ones(1, 1, 2, 3), 64, 0, step).shape == (1, 1, 2, 3)


def test_training_images_are_shifted_and_test_images_are_not() -> None:
    plain, moved = run_of(small_network()), run_of(small_network(), settings(shift=5))
    finish(plain)
    finish(moved)
    assert not identical(state(plain.model), state(moved.model))
    moved.model.load_state_dict(plain.model.state_dict())
    for run in (plain, moved):
        for _ in run.measure(TEST):
            pass
    assert plain.test is not None
    assert moved.test is not None
    assert moved.test.loss == pytest.approx(plain.test.loss)


@pytest.mark.parametrize("batch", [64, TRAIN])
def test_in_the_last_steps_images_stay_as_they_are(batch: int) -> None:
    training = settings(shift=1, epochs=8, batch_size=batch)
    run = run_of(small_network(), training)
    how = Preparation(rotate=40, unchanged=25)
    sight = run.model.sight = Sight(small_network().input, how)
    unchanged = []
    done = 0
    for _ in run.work:
        if run.step == done:
            continue
        done = run.step
        assert run.taught is not None
        plain = sight.seen(run.data.train_images[run.taught.indices])
        if torch.equal(run.seen_by(run.taught, sight), plain):
            unchanged.append(run.step)
    assert unchanged == list(range(run.steps * 3 // 4 + 1, run.steps + 1))


# --- how long ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "epochs"), [(1, 1), (3, 1), (4, 2), (7, 3)])
def test_a_run_of_steps_ends_with_the_last_and_is_measured(steps: int, epochs: int) -> None:
    run = run_of(small_network(), settings(run_length="steps", steps=steps))
    assert (run.steps, run.epochs) == (steps, epochs)
    assert len(finish(run)) == run.step == steps
    assert run.test is not None
    assert run.test.step == steps


def test_a_run_ends_when_the_loss_has_stalled() -> None:
    training = settings(stopping_patience=2, epochs=50, learning_rate=1e-30)
    run = run_of(small_network(), training)
    finish(run)
    assert run.epoch == 3
    assert "for 2 epochs the loss" in str(run.ended_early)


def test_a_run_ends_when_it_is_as_good_as_was_wanted() -> None:
    training = Training(learning_rate=0.01, batch_size=16, epochs=50, target_error=20.0)
    run = run_of(small_network(filters=8), training)
    finish(run)
    assert run.test is not None
    assert run.test.accuracy >= 0.8
    assert run.epoch < 50
    assert "the target is 20 %" in str(run.ended_early)


def test_a_run_that_comes_to_its_end_has_not_ended_early() -> None:
    run = run_of(small_network(), settings(epochs=1, target_error=100.0, stopping_patience=1))
    finish(run)
    assert run.ended_early is None


# --- changes on the way -----------------------------------------------------------------------


def test_changes_are_noted_where_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "ONE_CHANGE_SECONDS", 0.0)
    run = run_of(small_network(), settings(epochs=9))
    run.change(settings(epochs=9, learning_rate=0.5))
    assert run.changes == []  # it has not begun
    next(run.work)
    run.change(settings(epochs=9, learning_rate=0.25, shift=1))
    next(run.work)
    run.change(settings(epochs=9, learning_rate=0.125, shift=1, optimizer="adam", batch_size=5))
    assert run.changes == [
        Changed(1, "learning_rate", 0.5, 0.25),
        Changed(1, "shift", 0, 1),
        Changed(2, "learning_rate", 0.25, 0.125),
    ]


def test_the_digits_of_a_number_are_one_change() -> None:
    run = run_of(small_network(), settings(epochs=9))
    next(run.work)
    for typed in (0.0, 0.01, 0.015):
        run.change(settings(epochs=9, learning_rate=typed))
        next(run.work)
    assert run.changes == [Changed(1, "learning_rate", 0.05, 0.015)]
    run.change(settings(epochs=9))
    assert run.changes == []  # back where it was


def test_what_has_no_meaning_is_no_change() -> None:
    run = run_of(small_network())
    next(run.work)
    run.change(settings(beta1=0.5))  # of SGD
    assert run.changes == []


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_fields_of_an_optimizer_change_on_the_way(optimizer: str) -> None:
    run = run_of(small_network(), settings(optimizer=optimizer, learning_rate=1e-3))
    next(run.work)
    run.change(settings(optimizer=optimizer, learning_rate=1e-3, beta1=0.5, beta2=0.6, alpha=0.7,
                        epsilon=1e-3, dampening=0.1))  # fmt: skip
    (group,) = run.optimizer.param_groups
    expected = {"betas": (0.5, 0.6), "alpha": 0.7, "eps": 1e-3, "dampening": 0.1}
    known = {name for name in expected if name in group}
    assert known
    for name in known:
        assert group[name] == expected[name]
    assert all(math.isfinite(point.loss) for point in finish(run))


# --- through the engine -----------------------------------------------------------------------


def test_a_run_to_the_end_of_the_epoch_pauses_after_its_measurement(desk: Desk) -> None:
    desk.load(RESTLESS)
    for epoch in (1, 2):
        desk.tell_train(to_epoch=True, settings=LONG)
        desk.work()
        progress = desk.last(Progress)
        assert progress.state == "paused"
        assert progress.step == 3 * epoch
        assert (progress.epoch, progress.batch) == (epoch, 3)
        told = [point.step for message in desk.all(Progress) for point in message.test]
        assert told == [3 * n for n in range(1, epoch + 1)]
    desk.train(LONG, steps=1)
    desk.work()
    assert desk.last(Progress).step == 7


def test_to_the_end_of_the_last_epoch_finishes_the_run(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.tell_train(to_epoch=True, settings=settings(epochs=1))
    desk.work()
    assert desk.states() == ["loading", "running", "finished"]


def test_progress_tells_rate_memory_and_changes(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(settings(epochs=9), steps=2)
    desk.work()
    desk.tell(Settings(settings(epochs=9, learning_rate=0.25)))
    progress = desk.last(Progress)
    assert progress.learning_rate == 0.25
    assert progress.memory > 1 << 20
    assert progress.changes == [Changed(2, "learning_rate", 0.05, 0.25)]


def test_an_early_end_is_explained(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(settings(epochs=99, learning_rate=0.0, stopping_patience=3))
    desk.work()
    progress = desk.last(Progress)
    assert progress.state == "finished"
    assert progress.explanation is not None
    assert "ended early" in str(progress.explanation.message())


def test_a_core_is_left_free(desk: Desk) -> None:
    threads = torch.get_num_threads()
    try:
        desk.tell(UseThreads(0))
        all_cores = desk.last(Ready).threads
        assert torch.get_num_threads() == all_cores
        desk.tell(UseThreads(free=1))
        assert desk.last(Ready).threads == max(1, all_cores - 1) == torch.get_num_threads()
    finally:
        torch.set_num_threads(threads)


def test_the_data_have_as_many_images_as_the_steps_say() -> None:
    """The last batch of an epoch is smaller where they do not come out even."""
    data = DeviceData(samples(train=70), "cpu")
    run = Run(run_of(small_network()).model, data, settings(run_length="steps", steps=4), 0)
    finish(run)
    assert run.images == 32 + 32 + 6 + 32


def test_the_answers_to_all_test_images_are_told_after_each_epoch(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(settings(epochs=2))
    desk.work()
    told = [message.answers.examination() for message in desk.all(Examined)]
    assert told[-1].step == 6  # of epochs that follow each other very soon, the last
    last, progress = told[-1], desk.last(Progress)
    assert np.array_equal(last.labels, samples().test_labels)
    accuracy = float((last.labels == last.predicted).mean())
    points = [point for message in desk.all(Progress) for point in message.test]
    assert points[-1].accuracy == pytest.approx(accuracy)
    assert progress.state == "finished"
    assert ((last.confidence >= 0.1) & (last.confidence <= 1)).all()
    assert last.confusion(10).sum() == TEST


@pytest.mark.parametrize("clipping", [0.0, 0.01])
def test_the_norm_of_the_gradients_is_that_before_clipping(clipping: float) -> None:
    training = settings(clipping=clipping, batch_size=TRAIN, epochs=1)
    run, hand = run_of(small_network(), training), run_of(small_network(), training)
    assert run.gradient_norm() is None
    next(run.work)
    x, labels = fit(hand.data.train_images, hand.model.input), hand.data.train_labels
    F.cross_entropy(hand.model(x), labels).backward()
    squares = [float(w.grad.square().sum()) for w in hand.weights if w.grad is not None]
    assert run.gradient_norm() == pytest.approx(math.sqrt(sum(squares)), rel=1e-4)
