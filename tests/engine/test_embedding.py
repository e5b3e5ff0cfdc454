"""Neighbours and planes: against brute force, numpy's SVD, and clusters that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cnnviz.engine import features
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
from cnnviz.engine.studies.tsne import TSNE, between
from tests.engine.desk import RESTLESS, TEST, TRAIN, Desk, begin, samples

if TYPE_CHECKING:
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
    assert finding.among == TRAIN
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
    expected = centred @ turned[:2].T
    scale = np.abs(expected).max()
    for axis in range(2):
        sign = np.sign(points[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(points[:, axis], sign * expected[:, axis], atol=2e-2 * scale)
    np.testing.assert_allclose(finding.shares, (sizes**2 / (sizes**2).sum())[:2], rtol=1e-3)
    np.testing.assert_allclose(finding.at, points[7], atol=1e-4 * scale)
    assert finding.places == list(range(TEST))
    assert finding.labels == samples().test_labels.tolist()


def test_tsne_brings_together_what_is_alike() -> None:
    generator = torch.Generator().manual_seed(1)
    centres = 5 * torch.randn(4, 20, generator=generator)
    labels = torch.arange(120) % 4
    made = centres[labels] + torch.randn(120, 20, generator=generator)
    tsne = TSNE(made, made[:, :2] - made[:, :2].mean(0))
    before = tsne.divergence()
    for _ in range(tsne.rounds):
        tsne.step()
    assert tsne.divergence() < before / 3
    distances = torch.cdist(tsne.points, tsne.points).fill_diagonal_(float("inf"))
    assert torch.equal(labels[distances.argmin(1)], labels)
    inside = (tsne.points[labels == 2] - tsne.points[labels == 2].mean(0)).norm(dim=1).max()
    new = centres[2:3] + torch.randn(1, 20, generator=generator)
    at = torch.tensor(between(made, tsne.points, new))
    assert (at - tsne.points[labels == 2].mean(0)).norm() <= inside


def test_the_attraction_has_the_perplexity_that_is_asked_for() -> None:
    made = torch.rand(200, 8, generator=torch.Generator().manual_seed(0))
    tsne = TSNE(made, made[:, :2])
    p = tsne._attraction
    assert torch.equal(p, p.T)
    assert float(p.sum()) == pytest.approx(1, abs=1e-5)
    assert not p.diagonal().any()
    rows = p / p.sum(1, keepdim=True)  # made symmetric, each row is near what was searched for
    entropy = -(rows * rows.clamp(min=1e-12).log()).sum(1)
    assert float(entropy.exp().median()) == pytest.approx(30, rel=0.35)


@pytest.mark.parametrize("projection", ["pca", "tsne"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_images_are_no_trouble(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, projection: Projection, count: int
) -> None:
    monkeypatch.setattr(embedding, "IMAGES", {"pca": count, "tsne": count})
    monkeypatch.setattr(neighbours, "AMONG", count)
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
    found(desk, Embed("dense", "tsne", look(0)), 1, slices=20)
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
