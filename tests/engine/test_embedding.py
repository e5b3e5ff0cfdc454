"""Neighbours and planes: against brute force and numpy's SVD, and how some images become all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cnnviz.engine import bench, features
from cnnviz.engine.features import features_of
from cnnviz.engine.protocol import Studied, Study
from cnnviz.engine.protocol.studies import (
    Embed,
    Embedded,
    Look,
    Nearest,
    Neighbours,
    Pictured,
    Pictures,
    Projection,
)
from cnnviz.engine.studies import embedding, neighbours
from cnnviz.engine.studies.found import NOT_THERE
from tests.engine.desk import RESTLESS, TEST, TRAIN, Desk, begin, samples

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.data.datasets import Samples
    from cnnviz.engine.protocol import Subject


def found(
    desk: Desk, subject: Subject, number: int = 1, slices: int | None = None
) -> list[Studied]:
    desk.said.clear()
    desk.tell(Study(number, "a", subject))
    desk.work(slices)
    return desk.all(Studied)


def look(place: int) -> Look:
    return Look(samples().test_images[place].tobytes(), 28, 28, 1)


def made_of(desk: Desk, images: np.ndarray, uid: str) -> torch.Tensor:
    """What a layer makes of images: (images, numbers)."""
    assert desk.engine.bench.model is not None
    x = torch.from_numpy(images).float().div(255).unsqueeze(1)
    outputs = {"input": x}
    with torch.inference_mode():
        desk.engine.bench.model.eval().look(x, outputs.__setitem__)
    return features_of(outputs[uid])


@pytest.mark.parametrize("uid", ["input", "conv", "flat", "dense"])
def test_the_nearest_are_those_of_brute_force(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, uid: str
) -> None:
    monkeypatch.setattr(features, "images_a_slice", lambda model: 40)
    desk.load(RESTLESS)
    answers = found(desk, Nearest(uid, look(3), 5))
    assert [answer.done < 1 for answer in answers] == [True] * (len(answers) - 1) + [False]
    finding = answers[-1].finding
    assert isinstance(finding, Neighbours)
    own = made_of(desk, samples().test_images[3:4], uid)
    expected = torch.cdist(own, made_of(desk, samples().train_images, uid))[0]
    np.testing.assert_allclose(finding.distances, expected.sort().values[:5], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(finding.distances, expected[finding.places], rtol=1e-4, atol=1e-4)
    assert finding.labels == samples().train_labels[finding.places].tolist()
    assert (finding.among, finding.whole) == (TRAIN, TRAIN)
    seen = samples().train_images[finding.places].astype(np.float32) / 255
    np.testing.assert_allclose(finding.images.array()[:, 0], seen, atol=1e-6)


def test_images_are_had_by_their_numbers(desk: Desk) -> None:
    desk.load(RESTLESS)
    finding = found(desk, Pictures((7, 2, 10_000)))[-1].finding
    assert isinstance(finding, Pictured)
    assert finding.labels == samples().test_labels[[7, 2]].tolist()
    seen = samples().test_images[[7, 2]].astype(np.float32) / 255
    np.testing.assert_allclose(finding.images.array()[:, 0], seen, atol=1e-6)


def test_features_are_means_over_places_that_cover_the_map() -> None:
    maps = torch.rand(3, 5, 9, 2)
    expected = F.adaptive_avg_pool2d(maps, (4, 2)).flatten(1)
    assert torch.equal(features_of(maps), expected)
    assert torch.equal(features_of(maps[:, :, 0, 0]), maps[:, :, 0, 0])


def test_what_many_images_are_is_kept_until_the_weights_are_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices: list[int] = []

    def counted(model: object) -> int:
        slices.append(1)
        return 10

    monkeypatch.setattr(features, "images_a_slice", counted)
    begin(desk)
    desk.engine.runner.pause()
    found(desk, Nearest("dense", look(0)), 1, slices=4)  # the next stroke comes too early
    found(desk, Nearest("dense", look(1)), 2)
    assert len(slices) in (10, 11), "what was begun was gone on with"
    slices.clear()
    found(desk, Nearest("dense", look(2)), 3)
    assert not slices
    desk.train(steps=1)
    desk.work()
    finding = found(desk, Nearest("dense", look(2)), 4)[-1].finding
    assert len(slices) == 10
    assert isinstance(finding, Neighbours)
    own = made_of(desk, samples().test_images[2:3], "dense")
    expected = torch.cdist(own, made_of(desk, samples().train_images, "dense"))[0]
    np.testing.assert_allclose(finding.distances[0], float(expected.min()), rtol=1e-4)


@pytest.mark.parametrize("uid", ["input", "pool", "dense"])
def test_a_plane_is_that_of_the_principal_components(desk: Desk, uid: str) -> None:
    desk.load(RESTLESS)
    finding = found(desk, Embed(uid, "pca", look(7)))[-1].finding
    assert isinstance(finding, Embedded)
    points = finding.points.array()
    made = made_of(desk, samples().test_images, uid).numpy().astype(np.float64)
    centred = made - made.mean(0)
    _, sizes, turned = np.linalg.svd(centred, full_matrices=False)
    expected = (centred @ turned[:2].T)[finding.places]
    scale = np.abs(expected).max()
    for axis in range(2):
        sign = np.sign(points[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(points[:, axis], sign * expected[:, axis], atol=2e-2 * scale)
    np.testing.assert_allclose(finding.shares, (sizes**2 / (sizes**2).sum())[:2], rtol=1e-3)
    np.testing.assert_allclose(finding.at, points[finding.places.index(7)], atol=1e-4 * scale)
    assert sorted(finding.places) == list(range(TEST))
    assert finding.labels == samples().test_labels[finding.places].tolist()


def few(count: int) -> Generator[None, None, Samples]:
    """So many images, in the place of `load_steps`."""
    yield
    return samples(count, count)


@pytest.mark.parametrize("projection", ["pca", "tsne"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_images_are_no_trouble(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, projection: Projection, count: int
) -> None:
    monkeypatch.setattr(bench, "load_steps", lambda _: few(count))
    desk.load(RESTLESS)
    finding = found(desk, Embed("dense", projection, look(0)))[-1].finding
    assert isinstance(finding, Embedded)
    assert finding.points.array().shape == (count, 2)
    assert np.isfinite(finding.points.array()).all()
    assert np.isfinite(finding.at).all()
    nearest = found(desk, Nearest("dense", look(0)))[-1].finding
    assert isinstance(nearest, Neighbours)
    assert len(nearest.places) == count


def test_a_tsne_goes_on_where_the_stroke_before_left_it(desk: Desk) -> None:
    desk.load(RESTLESS)
    found(desk, Embed("dense", "tsne", look(0)), 1, slices=60)
    first = found(desk, Embed("dense", "tsne", look(1)), 2)
    begun, ended = first[0].finding, first[-1].finding
    assert isinstance(begun, Embedded)
    assert isinstance(ended, Embedded)
    found_by_then = [a.finding for a in first if isinstance(a.finding, Embedded)]
    assert found_by_then[0].rounds > 10
    assert [f.rounds for f in found_by_then] == sorted(f.rounds for f in found_by_then)
    assert ended.rounds == 500
    again = found(desk, Embed("dense", "tsne", look(2)), 3)
    assert len(again) == 1
    assert again[0].done == 1


@pytest.mark.parametrize("subject", [Nearest("nobody", look(0)), Embed("nobody", "pca")])
def test_a_layer_that_is_not_there_is_said(desk: Desk, subject: Subject) -> None:
    desk.load(RESTLESS)
    (answer,) = found(desk, subject)
    assert answer.note is not None
    assert answer.note.message() == NOT_THERE


# --- first some of them, then all ------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten images a slice, an answer among thirty, and a better one told after every slice."""
    monkeypatch.setattr(features, "images_a_slice", lambda model: 10)
    monkeypatch.setattr(neighbours, "FIRST", 30)
    monkeypatch.setattr(neighbours, "TOLD", 0.0)
    monkeypatch.setattr(embedding, "PART", {"pca": 20, "tsne": 10})
    monkeypatch.setattr(embedding, "GROWN", 0.0)
    monkeypatch.setattr(embedding, "TOLD", 0.0)


def among(answers: list[Studied]) -> list[int]:
    return [a.finding.among for a in answers if isinstance(a.finding, Neighbours)]


def begun(desk: Desk) -> None:
    """There is an answer, but not yet among all."""
    answers = found(desk, Nearest("dense", look(0), 5), 1, slices=0)
    while not among(answers):
        desk.work(1)
        answers = desk.all(Studied)
    assert answers[-1].done < 1


@pytest.mark.usefixtures("slow")
def test_an_answer_among_some_becomes_one_among_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(RESTLESS)
    answers = found(desk, Nearest("dense", look(3), 5))
    assert among(answers)[0] == 30
    assert among(answers) == sorted(among(answers))
    assert among(answers)[-1] == TRAIN
    assert [a.done for a in answers] == sorted(a.done for a in answers)
    own = made_of(desk, samples().test_images[3:4], "dense")
    every = torch.cdist(own, made_of(desk, samples().train_images, "dense"))[0]
    order = features.mixed(TRAIN)
    for answer in answers:
        if isinstance(answer.finding, Neighbours):
            expected = every[order[: answer.finding.among]].sort().values[:5]
            np.testing.assert_allclose(answer.finding.distances, expected, rtol=1e-4, atol=1e-4)
    again = found(desk, Nearest("dense", look(4), 5), 2)
    assert among(again) == [TRAIN], "what is kept is looked through at once"
    monkeypatch.setattr(neighbours, "QUICK", 0)
    monkeypatch.setattr(features, "AT_ONCE", 300)
    again = found(desk, Nearest("dense", look(5), 5), 3)
    assert among(again)[0] == 30, "where that takes longer there is an answer before"
    assert among(again)[-1] == TRAIN


@pytest.mark.usefixtures("slow")
def test_what_there_is_no_memory_for_is_looked_through_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "BUDGET", 44 * 10 * 4)  # of ten numbers each
    desk.load(RESTLESS)
    own = made_of(desk, samples().test_images[:2], "dense")
    every = torch.cdist(own, made_of(desk, samples().train_images, "dense")).sort().values
    for number in range(2):
        finding = found(desk, Nearest("dense", look(number), 5), number)[-1].finding
        assert isinstance(finding, Neighbours)
        assert finding.among == TRAIN
        np.testing.assert_allclose(finding.distances, every[number, :5], rtol=1e-4, atol=1e-4)
    bank = desk.engine.bench.features
    assert [(rows.done, rows.bytes) for rows in bank._rows.values()] == [(44, 1760)]
    finding = found(desk, Nearest("flat", look(0), 5), 3)[-1].finding
    assert isinstance(finding, Neighbours)
    assert [key.uid for key in bank._rows] == ["flat"], "an older layer makes room"
    points = found(desk, Embed("dense", "pca"), 4)[-1]
    assert isinstance(points.finding, Embedded)
    assert points.done == 1


@pytest.mark.usefixtures("slow")
def test_a_large_network_tells_sooner_what_is_near_among_fewer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "PATIENCE", 0.0)
    desk.load(RESTLESS)
    assert among(found(desk, Nearest("dense", look(3), 5)))[:3] == [10, 20, 30]


@pytest.mark.usefixtures("slow")
def test_while_a_network_learns_some_are_all_and_afterwards_all(desk: Desk) -> None:
    begin(desk)
    answers = found(desk, Nearest("dense", look(0), 5), 1, slices=150)
    assert among(answers) == [30]
    assert answers[-1].done == 1
    answers = found(desk, Embed("dense", "pca", look(0)), 2, slices=150)
    assert isinstance(answers[-1].finding, Embedded)
    assert (len(answers[-1].finding.labels), answers[-1].done) == (20, 1)
    found(desk, Nearest("dense", look(1), 5), 3, slices=6)  # some of it with older weights
    desk.engine.runner.pause()
    desk.work()
    answers = found(desk, Nearest("dense", look(2), 5), 4)
    own = made_of(desk, samples().test_images[2:3], "dense")
    expected = torch.cdist(own, made_of(desk, samples().train_images, "dense"))[0].sort().values[:5]
    finding = answers[-1].finding
    assert isinstance(finding, Neighbours)
    assert finding.among == TRAIN
    np.testing.assert_allclose(finding.distances, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("slow")
def test_weights_that_move_end_the_search_and_keep_the_answer(desk: Desk) -> None:
    desk.load(RESTLESS)
    begun(desk)
    desk.train()
    desk.work(8)
    last = desk.last(Studied)
    assert last.done == 1
    assert isinstance(last.finding, Neighbours)
    assert last.finding.among < TRAIN


@pytest.mark.usefixtures("slow")
def test_a_plane_grows_and_no_point_moves(desk: Desk) -> None:
    desk.load(RESTLESS)
    answers = found(desk, Embed("dense", "pca", look(0)))
    planes = [a.finding for a in answers if isinstance(a.finding, Embedded)]
    assert [len(plane.labels) for plane in planes] == [20, 30, 40]
    last = planes[-1].points.array()
    for plane in planes:
        np.testing.assert_array_equal(plane.points.array(), last[: len(plane.labels)])
        assert plane.whole == TEST
    made = made_of(desk, samples().test_images, "dense")[features.mixed(TEST)]
    _, _, turned = torch.linalg.svd(made[:20] - made[:20].mean(0), full_matrices=False)
    expected = ((made - made[:20].mean(0)) @ turned[:2].T).abs()
    torch.testing.assert_close(torch.tensor(last).abs(), expected, rtol=1e-2, atol=2e-2)
    on_them = torch.tensor(last).var(0, correction=0) / made.var(0, correction=0).sum()
    assert planes[-1].shares == pytest.approx(on_them.tolist(), rel=1e-3)


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("images", [15, 0])
def test_tsne_places_as_many_as_are_asked_for(desk: Desk, images: int) -> None:
    desk.load(RESTLESS)
    answers = found(desk, Embed("dense", "tsne", look(0), images))
    first = next(a.finding for a in answers if isinstance(a.finding, Embedded))
    assert (first.rounds, len(first.labels)) == (0, images or TEST)
    last = answers[-1].finding
    assert isinstance(last, Embedded)
    assert (last.rounds, len(last.labels)) == (500, images or TEST)
    assert np.isfinite(last.points.array()).all()


@pytest.mark.usefixtures("slow")
def test_a_better_answer_comes_after_all_other_questions(desk: Desk) -> None:
    desk.load(RESTLESS)
    begun(desk)
    desk.said.clear()
    desk.tell(Study(2, "b", Embed("conv", "tsne", look(0))))
    desk.work()
    slots = [answer.slot for answer in desk.all(Studied)]
    assert slots.index("a") > len(slots) - 1 - slots[::-1].index("b")


def test_the_first_of_a_set_stand_for_all_of_it() -> None:
    order = features.mixed(10_000)
    assert torch.equal(order.sort().values, torch.arange(10_000))
    assert torch.equal(order, features.mixed(10_000))
    in_classes = order[:1000] // 1000  # as in a folder: one class after the other
    assert in_classes.bincount(minlength=10).min() > 70
