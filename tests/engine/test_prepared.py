"""Runs on data that are prepared: chosen, put aside, mislabelled, equalised, changed by chance."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.augmentation import classic
from cnnviz.data.datasets import Samples
from cnnviz.data.equalisation import equalised
from cnnviz.data.idx import drain
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.prepared import Prepared, prepared_steps
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import (
    Examined,
    Probe,
    Probed,
    Progress,
    Settings,
    Studied,
    Study,
    Train,
)
from cnnviz.engine.protocol.studies import Foreseen, Outlook
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.layers import Dense
from cnnviz.message import UserError
from cnnviz.network import INPUT_UID
from cnnviz.preparation import Preparation
from cnnviz.training import Training
from tests.engine.desk import LONG, QUICK, RESTLESS, TRAIN, Desk, same, samples, small_network
from tests.engine.runs import finish, identical, state

DIGITS = tuple("0123456789")
HALF = Preparation(validation="share", validation_share=50)


def prepared(how: Preparation, given: Samples | None = None) -> Samples:
    return drain(prepared_steps(given or samples(), how, DIGITS))


def run_of(how: Preparation, training: Training = QUICK, given: Samples | None = None) -> Run:
    model = build(analyze(RESTLESS, 10), {}, 0)
    model.sight = Sight(RESTLESS.input, how, "mnist")
    return Run(model, DeviceData(prepared(how, given), "cpu"), training, 0)


# --- which images -----------------------------------------------------------------------------


def test_by_default_nothing_is_copied() -> None:
    given = samples()
    assert prepared(Preparation(), given) is given


def test_what_is_put_aside_is_not_learned_from_and_keeps_its_label() -> None:
    given = samples()
    found = prepared(msgspec.structs.replace(HALF, label_noise=100), given)
    assert isinstance(found, Prepared)
    assert found.validation_images is not None
    assert found.validation_labels is not None
    division = HALF.divide(given.train_labels, DIGITS)
    assert np.array_equal(found.train_images, given.train_images[division.train])
    assert np.array_equal(found.validation_images, given.train_images[division.validation])
    assert np.array_equal(found.validation_labels, given.train_labels[division.validation])
    assert (found.train_labels != given.train_labels[division.train]).all()
    assert found.test_images is given.test_images
    assert found.test_places is None


def test_only_the_chosen_classes_are_learned_and_tested() -> None:
    found = prepared(Preparation(classes=("3", "7")))
    assert isinstance(found, Prepared)
    assert set(found.train_labels) == set(found.test_labels) == {3, 7}
    assert found.test_places is not None
    given = samples()
    assert np.array_equal(found.test_images, given.test_images[found.test_places])


def test_names_that_the_data_set_does_not_have_choose_all() -> None:
    given = samples()
    assert prepared(Preparation(classes=("cat",)), given) is given


def test_all_images_are_equalised_once() -> None:
    how = msgspec.structs.replace(HALF, equalisation=True, tiles=3, clip_limit=4.0)
    found, plain = prepared(how), prepared(HALF)
    assert isinstance(found, Prepared)
    assert isinstance(plain, Prepared)
    for name in ("train_images", "test_images", "validation_images"):
        assert np.array_equal(getattr(found, name), equalised(getattr(plain, name), 3, 4.0))


# --- runs -------------------------------------------------------------------------------------


def test_the_curve_of_what_was_put_aside_is_told_and_is_that_of_the_weights() -> None:
    run = run_of(HALF)
    for _ in run.work:
        pass
    train, test, validation = run.take_points()
    assert [point.step for point in validation] == [point.step for point in test]
    assert run.validation == validation[-1]
    images = run.model.sight.seen(run.data.validation_images)
    with torch.inference_mode():
        logits = run.model.eval()(images.contiguous(memory_format=torch.channels_last))
    loss = torch.nn.functional.cross_entropy(logits, run.data.validation_labels)
    assert validation[-1].loss == pytest.approx(float(loss), rel=1e-4)
    assert len(train) == run.step == 2 * 2  # 48 images, 32 at a time


def test_without_any_put_aside_there_is_no_such_curve() -> None:
    run = run_of(Preparation())
    finish(run)
    assert run.take_points()[2] == []
    assert run.validation is None


def test_measuring_what_was_put_aside_changes_no_weight() -> None:
    how = Preparation(images=40)
    aside = samples()
    without = run_of(how)
    division = how.divide(aside.train_labels, DIGITS)
    kept = Prepared(
        aside.train_images[division.train],
        division.labels,
        aside.test_images,
        aside.test_labels,
        validation_images=aside.train_images[:7],
        validation_labels=aside.train_labels[:7],
    )
    finish(without)
    # One run after the other: dropout draws from PyTorch's own chance.
    other = Run(build(analyze(RESTLESS, 10), {}, 0), DeviceData(kept, "cpu"), QUICK, 0)
    finish(other)
    assert identical(state(without.model), state(other.model))
    assert other.validation is not None


@pytest.mark.parametrize(
    "training",
    [
        Training(learning_rate=0, stopping_patience=2, epochs=20, batch_size=32),
        Training(learning_rate=0.01, target_error=95, epochs=20, batch_size=32),
    ],
)
def test_a_run_ends_by_what_was_put_aside_and_says_so(training: Training) -> None:
    run = run_of(HALF, training)
    finish(run)
    assert run.epoch < 20
    assert "validation images" in str(run.ended_early)
    run = run_of(Preparation(), training)
    finish(run)
    assert "test images" in str(run.ended_early)


def test_the_learning_rate_is_reduced_by_what_was_put_aside() -> None:
    """By losses that never fall, whatever the test images say."""
    training = Training(
        learning_rate=0, schedule="plateau", plateau_patience=0, factor=0.5, epochs=4, batch_size=32
    )
    run = run_of(HALF, training)
    losses = iter([3.0, 3.0, 3.0, 3.0])
    judge = run._judge

    def judged() -> None:
        assert run.validation is not None
        run.validation = msgspec.structs.replace(run.validation, loss=next(losses))
        judge()

    run._judge = judged  # type: ignore[method-assign]
    run.settings = msgspec.structs.replace(training, learning_rate=1e-9)
    finish(run)
    assert run.learning_rate == pytest.approx(1e-9 / 8)


@pytest.mark.parametrize(
    "how",
    [
        classic(Preparation()),
        Preparation(elastic=30, noise=10, erase=20, flip="both", scaling="two_deviations"),
        Preparation(scaling="standardised", equalisation=True),
    ],
)
def test_looking_meanwhile_changes_nothing(how: Preparation) -> None:
    quiet = run_of(how)
    finish(quiet)
    probe = Probe(1, bytes(28 * 28), 28, 28, 1, "conv")
    watched = run_of(how)
    for _ in watched.work:
        look(watched.model, probe, revision=0, step=watched.step, device="cpu")
    assert identical(state(quiet.model), state(watched.model))
    plain = run_of(Preparation())
    finish(plain)
    assert not identical(state(plain.model), state(quiet.model))


def test_changes_by_chance_are_others_in_each_epoch() -> None:
    seen: list[torch.Tensor] = []
    run = run_of(Preparation(move=20), Training(batch_size=TRAIN, epochs=2, learning_rate=0))
    given = run._seen_in

    def watch(step: int, indices: torch.Tensor, sight: Sight, settings: Training) -> torch.Tensor:
        x = given(step, indices, sight, settings)
        seen.append(x.sum((0, 1)))  # whatever the order of the images
        return x

    run._seen_in = watch  # type: ignore[method-assign]
    finish(run)
    assert len(seen) == 2
    assert not torch.allclose(seen[0], seen[1])


def test_what_may_change_on_the_way_does_and_is_noted() -> None:
    run = run_of(Preparation())
    next(run.work)
    after = Preparation(move=10, images=5, scaling="standardised")
    run.model.sight = Sight(RESTLESS.input, after, "mnist")
    run.change(QUICK)
    assert [(c.step, c.field, c.before, c.after) for c in run.changes] == [
        (1, "scaling", "unit", "standardised"),
        (1, "move", 0.0, 10.0),
    ]
    finish(run)
    assert run.images == 2 * TRAIN


@pytest.mark.parametrize("held_after", [2, 4, 5, 6, 7, 9])
def test_a_run_that_is_held_goes_on_with_its_images(
    held_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while it measures; and no point of a curve is told twice."""
    monkeypatch.setattr("cnnviz.engine.measuring.SLICE_MULTIPLY_ADDS", 1_000_000)
    how = msgspec.structs.replace(HALF, move=10, label_noise=20, scaling="standardised")
    through = run_of(how)
    for _ in through.work:
        pass
    curves = through.take_points()
    held = run_of(how)
    for done, _ in enumerate(held.work, start=1):
        if done == held_after:
            break
    before = held.take_points()
    place, memory = held.place(), held.memory()
    assert place.preparation == how
    model = build(analyze(RESTLESS, 10), learned(held.model), 99)
    model.sight = Sight(RESTLESS.input, place.preparation, "mnist")
    data = DeviceData(prepared(place.preparation), "cpu")
    on = Run(model, data, place.settings, place.seed, place, memory)
    for _ in on.work:
        pass
    after = on.take_points()
    assert same(learned(through.model), learned(on.model))
    assert tuple(a + b for a, b in zip(before, after, strict=True)) == curves
    assert on.validation == through.validation


def test_few_test_images_are_measured_as_they_are() -> None:
    given = samples(train=40, test=30)
    still = Training(batch_size=1, epochs=1, learning_rate=0)
    model = build(analyze(small_network(), 10), {}, 0)
    run = Run(model, DeviceData(given, "cpu"), still, 0)
    for _ in run.work:
        pass
    test = run.take_points()[1]
    assert len(test) > 1
    assert len({(round(point.loss, 4), round(point.accuracy, 4)) for point in test}) == 1


@pytest.mark.parametrize("how", [Preparation(validation="number", validation_images=TRAIN)])
def test_nothing_left_to_learn_from_is_said(how: Preparation) -> None:
    with pytest.raises(UserError, match="No images are left"):
        next(run_of(how).work)


def test_a_class_without_test_images_is_said() -> None:
    given = samples()
    there = given.test_labels != 4
    few = Samples(
        given.train_images, given.train_labels, given.test_images[there], given.test_labels[there]
    )
    with pytest.raises(UserError, match="No images are left"):
        next(run_of(Preparation(classes=("4",)), given=few).work)


# --- the engine -------------------------------------------------------------------------------


def test_the_engine_prepares_looks_at_once_and_runs_when_they_begin(desk: Desk) -> None:
    desk.load(small_network())
    how = Preparation(scaling="standardised", validation="number", validation_images=20)
    desk.tell(Settings(QUICK, how))
    desk.probe(image=np.zeros((28, 28), np.uint8))
    seen = next(one for one in desk.last(Probed).layers if one.uid == INPUT_UID).array()
    assert np.allclose(seen, -0.1307 / 0.3081)
    low, high = desk.last(Probed).low, desk.last(Probed).high
    assert (round(low, 4), round(high, 4)) == (-0.4242, 2.8215)
    desk.tell(Train(desk.revision, QUICK, preparation=how))
    desk.work()
    told = [point for message in desk.all(Progress) for point in message.validation]
    assert told
    assert desk.last(Progress).batches == -(-(TRAIN - 20) // 32)
    assert desk.last(Examined).answers.examination().places is None


def test_answers_about_chosen_classes_say_which_images_they_are_of(desk: Desk) -> None:
    desk.load(small_network())
    desk.tell(Train(desk.revision, QUICK, preparation=Preparation(classes=("2", "5"))))
    desk.work()
    found = desk.last(Examined).answers.examination()
    assert set(found.labels) == {2, 5}
    labels = samples().test_labels
    assert [labels[found.place(n)] for n in range(len(found.labels))] == found.labels.tolist()


def test_data_are_prepared_anew_only_where_a_run_wants_others(desk: Desk) -> None:
    desk.load(small_network())
    desk.train(steps=1)
    desk.work()
    first = desk.engine.bench._data
    assert first is not None
    desk.tell(Train(desk.revision, LONG, 1, preparation=Preparation(move=10)))
    desk.work()
    assert desk.engine.bench._data is first
    desk.load(small_network())
    desk.tell(Train(desk.revision, QUICK, 1, preparation=Preparation(images=20)))
    desk.work()
    assert desk.last(Progress).batches == 1


# --- the outlook ------------------------------------------------------------------------------


def foreseen(desk: Desk, how: Preparation, seed: int = 0, shift: int = 0) -> Foreseen:
    desk.tell(Study(1, "outlook", Outlook(how, seed, 8, shift)))
    desk.work()
    finding = desk.last(Studied).finding
    assert isinstance(finding, Foreseen)
    return finding


def test_what_is_foreseen_is_what_a_run_would_see(desk: Desk) -> None:
    desk.load(small_network())
    how = Preparation(images=20, scaling="two_deviations", validation="share", label_noise=50)
    found = foreseen(desk, how)
    assert found.train == [2] * 10
    assert sum(found.validation) == 10
    assert found.there == TRAIN
    assert sum(a != b for a, b in zip(found.labels, found.taught, strict=True)) > 0
    run = run_of(how)
    seen = run.model.sight.seen(run.data.train_images).numpy()
    for image, taught in zip(found.after.array(), found.taught, strict=True):
        places = np.flatnonzero((np.abs(seen - image) < 1e-6).all((1, 2, 3)))
        assert len(places) == 1
        assert int(run.data.train_labels[places[0]]) == taught
    assert (found.low, found.high) == (-1, 1)
    assert float(found.before.array().min()) >= 0


def test_it_is_the_same_until_others_are_wanted(desk: Desk) -> None:
    desk.load(small_network())
    first, again = (foreseen(desk, classic(Preparation())) for _ in range(2))
    assert np.array_equal(first.after.array(), again.after.array())
    other = foreseen(desk, classic(Preparation()), seed=1)
    assert not np.array_equal(first.before.array(), other.before.array())
    shifted = foreseen(desk, Preparation(), shift=5)
    assert not np.array_equal(shifted.before.array(), shifted.after.array())


def test_it_needs_no_network_that_works(desk: Desk) -> None:
    desk.load(small_network().insert(2, Dense(uid="early")))
    assert len(foreseen(desk, Preparation()).labels) == 8


def test_of_nothing_there_is_nothing_to_be_seen(desk: Desk) -> None:
    desk.load(small_network())
    found = foreseen(desk, Preparation(validation="number", validation_images=TRAIN))
    assert found.labels == []
    assert sum(found.train) == 0
