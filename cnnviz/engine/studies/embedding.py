"""The test images as points in a plane, near each other where a layer finds them alike."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Embedded
from cnnviz.engine.studies.filling import Search, filled, made_of
from cnnviz.engine.studies.found import NOT_THERE, Found, Work
from cnnviz.engine.studies.tsne import LEAST, TSNE

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.features import Rows
    from cnnviz.engine.protocol.studies import Embed, Projection

PART: dict[Projection, int] = {"pca": 2000, "tsne": 1000}
"""How many test images are always placed; the others only while the weights rest. From so many the
axes of a PCA are found, too: with the others they would turn, and all points would move."""
SPARE = 6
"""Directions that are searched beside the first two, which are found the sooner for it."""
TURNS = 24
SHARE: dict[Projection, float] = {"pca": 0.99, "tsne": 0.5}
"""Of the work that is done once it is known what the layer makes of the images."""
NEIGHBOURS = 10
GROWN = 0.5
"""Seconds between two tellings of a plane that has more and more images."""
TOLD = 0.05
"""Seconds between two tellings of points that move."""


class Plane(NamedTuple):
    """The two directions along which features differ most."""

    mean: torch.Tensor  # (numbers,)
    axes: torch.Tensor  # (numbers, 2)

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """(images, numbers) to (images, 2)"""
        return (features - self.mean) @ self.axes


class Flat(NamedTuple):
    """Images in such a plane, and the share of their variance that each axis shows."""

    points: torch.Tensor  # (images, 2)
    shares: list[float]


def embed(subject: Embed, bench: Bench) -> Work:
    """A PCA at once of some, and then of all; t-SNE in rounds, told as it grows. What the layer
    makes of the images is found first, and kept."""
    data = yield from bench.data()
    whole = len(data.test_labels)
    wanted = min(subject.images or whole, whole)
    part, rows = min(PART[subject.projection], wanted), None
    for rows in filled(bench, subject.uid, data.test_images, part):
        if rows.done >= min(part, rows.room):
            break
        yield Found(done=SHARE[subject.projection] * min(1, rows.done / wanted))
    if rows is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    placing = _Placing(subject, bench, rows, data)
    if subject.projection == "tsne":
        yield from placing.fill_on(wanted)
        yield from placing.moved(min(wanted, rows.done))
        return
    complete = False
    while not complete:
        complete = rows.done >= min(wanted, rows.room) or rows.version != bench.moves
        yield from placing.flat(min(wanted, rows.done), 1 if complete else rows.done / wanted)
        yield from placing.fill_on(wanted, GROWN)


class _Placing:
    """What a study needs at hand to find a place for each of the first rows."""

    def __init__(self, subject: Embed, bench: Bench, rows: Rows, data: DeviceData) -> None:
        self._subject, self._bench, self._rows, self._data = subject, bench, rows, data
        look = subject.look
        self._own = None if look is None else made_of(bench, look, subject.uid)  # (1, numbers)

    def fill_on(self, count: int, seconds: float = math.inf) -> Work:
        """Find what the layer makes of more images, while the weights rest; for so long."""
        rows, model, begun = self._rows, self._bench.model, time.monotonic()
        projection = self._subject.projection
        assert model is not None
        while rows.done < min(count, rows.room) and rows.version == self._bench.moves:
            rows.part(model, rows.done)
            done = SHARE[projection] * min(1, rows.done / count)
            yield Found(done=done, leisure=projection == "pca")
            if time.monotonic() - begun > seconds:
                return

    def flat(self, count: int, done: float) -> Work:
        """So many images in the plane of the principal components."""
        plane = yield from plane_of(self._rows)
        points, shares = yield from projected(self._rows, count, plane)
        at = [] if self._own is None else plane.project(self._own)[0].tolist()
        yield Found(self._told(points, shares, at), done, leisure=True)

    def moved(self, count: int) -> Work:
        """The t-SNE of so many as it stands, and as it goes on: it stays where a stroke ends it."""
        rows = self._rows
        tsne = rows.made.get(f"t-SNE of {count}")
        if not isinstance(tsne, TSNE):
            plane = yield from plane_of(rows)
            start, _ = yield from projected(rows, count, plane)
            rows.made[f"t-SNE of {count}"] = tsne = TSNE(rows.kept[:count], start)
        near = yield from self._near(count)
        while True:
            at = [] if near is None else between(near, tsne.points)
            share = SHARE["tsne"]
            done = share + (1 - share) * tsne.round / tsne.rounds
            yield Found(self._told(tsne.points, [], at, tsne.round), done)
            if tsne.done:
                return
            told, shown = time.monotonic(), tsne.round
            while tsne.round == shown or (time.monotonic() - told < TOLD and not tsne.done):
                tsne.advance()
                yield None

    def _near(self, count: int) -> Generator[None, None, Search | None]:
        """The nearest of the images in the plane to the one that is drawn."""
        if self._own is None:
            return None
        search = Search(self._own, min(NEIGHBOURS, count))
        for part in self._rows.pieces(count):
            search.take(part)
            yield
        return search

    def _told(
        self, points: torch.Tensor, shares: list[float], at: list[float], rounds: int = 0
    ) -> Embedded:
        data, order = self._data, self._rows.order[: len(points)]
        places, labels = data.test_numbers(order), data.test_labels[order].tolist()
        shown = Tensor.of("", "", points.cpu().numpy())
        return Embedded(shown, len(self._rows), places, labels, shares, at, rounds)


def plane_of(rows: Rows) -> Generator[None, None, Plane]:
    """Pearson's principal components, 1901, by orthogonal iteration: the first two of some rows."""
    features = rows.kept[: PART["pca"]]
    kept = rows.made.get(f"plane of {len(features)}")
    if isinstance(kept, Plane):
        return kept
    mean = features.mean(0)
    centred = features - mean  # (images, numbers)
    width = min(2 + SPARE, *centred.shape)
    generator = torch.Generator().manual_seed(0)
    basis = torch.randn(centred.shape[1], width, generator=generator).to(centred.device)
    for _ in range(TURNS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
        yield
    turned = torch.linalg.svd(centred @ basis, full_matrices=False).Vh
    axes = (basis @ turned.T)[:, :2]
    # An axis has no direction of its own: its largest number is positive, so that none turns round.
    largest = axes.abs().argmax(0, keepdim=True)
    axes = axes * torch.where(axes.gather(0, largest) < 0, -1.0, 1.0)
    if axes.shape[1] < 2:  # features of a single number
        axes = torch.cat([axes, torch.zeros_like(axes)], 1)
    rows.made[f"plane of {len(features)}"] = plane = Plane(mean, axes)
    return plane


def projected(rows: Rows, count: int, plane: Plane) -> Generator[None, None, Flat]:
    """The first rows in the plane; found once."""
    kept = rows.made.get(f"{count} in the plane")
    if isinstance(kept, Flat):
        return kept
    points, whole = [], 0.0
    mean = torch.zeros_like(plane.mean)
    for part in rows.pieces(count):
        off = part - plane.mean
        points.append(off @ plane.axes)
        whole += float(off.square().sum())
        mean += off.sum(0) / count
        yield
    whole -= count * float(mean.square().sum())
    found = torch.cat(points)
    shown = (found - found.mean(0)).square().sum(0)
    shares = (shown / whole if whole > 0 else 0 * shown).tolist()
    rows.made[f"{count} in the plane"] = made = Flat(found, shares)
    return made


def between(near: Search, points: torch.Tensor) -> list[float]:
    """About where an image would be that was not there when the points were placed: between those
    of its nearest neighbours, the nearer the more. points: (images, 2)."""
    squares = near.distances.square()
    shares = (-squares / squares.mean().clamp(min=LEAST)).softmax(0)
    where: list[float] = (shares[:, None] * points[near.places]).sum(0).tolist()
    return where
