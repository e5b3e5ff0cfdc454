"""The test images as points in a plane, near each other where a layer finds them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz.engine.features import features_of
from cnnviz.engine.probe import seen
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Embedded
from cnnviz.engine.slices import outputs_of_seen
from cnnviz.engine.studies.found import NOT_THERE, Found, Work
from cnnviz.engine.studies.tsne import TSNE, between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.engine.bench import Bench
    from cnnviz.engine.features import Rows
    from cnnviz.engine.protocol.studies import Embed, Projection

IMAGES: dict[Projection, int] = {"pca": 2000, "tsne": 1000}
"""How many test images: for t-SNE every pair of them counts in every round."""
SPARE = 6
"""Directions that are searched beside the first two, which are found the sooner for it."""
TURNS = 24
ROUNDS_A_SLICE = 2


class Plane(NamedTuple):
    """The two directions along which features differ most."""

    mean: torch.Tensor  # (numbers,)
    axes: torch.Tensor  # (numbers, 2)
    shares: list[float]

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """(images, numbers) to (images, 2)"""
        return (features - self.mean) @ self.axes


def embed(subject: Embed, bench: Bench) -> Work:
    """A PCA at once; t-SNE in rounds, told as it grows. What the layer makes of the images is found
    first, and kept."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    count = min(IMAGES[subject.projection], len(data.test_labels))
    filling = bench.features.fill(model, subject.uid, data.test_images, count, bench.moves)
    while True:
        try:
            done = next(filling)
        except StopIteration as filled:
            rows = filled.value
            break
        yield Found(done=min(done, 1) / 2)
    if rows is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    features = rows.all()
    own = None
    if subject.look is not None:
        x = seen(model, subject.look, bench.device)
        own = features_of(outputs_of_seen(model, x)[subject.uid])  # (1, numbers)
    places, labels = data.test_numbers(torch.arange(count)), data.test_labels[:count].tolist()
    plane = plane_of(rows)
    if subject.projection == "pca":
        points = plane.project(features)
        at = [] if own is None else plane.project(own)[0].tolist()
        shown = Tensor.of("", "", points.cpu().numpy())
        yield Found(Embedded(shown, places, labels, plane.shares, at), 1)
        return
    for tsne in _rounds(rows, plane):
        at = [] if own is None else between(features, tsne.points, own)
        shown = Tensor.of("", "", tsne.points.cpu().numpy())
        done = 0.5 + tsne.round / tsne.rounds / 2
        yield Found(Embedded(shown, places, labels, [], at, tsne.round), done)


def plane_of(rows: Rows) -> Plane:
    """Pearson's principal components, 1901, by orthogonal iteration: the first two."""
    kept = rows.made.get("plane")
    if isinstance(kept, Plane):
        return kept
    features = rows.all()
    mean = features.mean(0)
    centred = features - mean  # (images, numbers)
    width = min(2 + SPARE, *centred.shape)
    generator = torch.Generator().manual_seed(0)
    basis = torch.randn(centred.shape[1], width, generator=generator).to(centred.device)
    for _ in range(TURNS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    _, sizes, turned = torch.linalg.svd(centred @ basis, full_matrices=False)
    axes = (basis @ turned.T)[:, :2]
    # An axis has no direction of its own: its largest number is positive, so that none turns round.
    largest = axes.abs().argmax(0, keepdim=True)
    axes = axes * torch.where(axes.gather(0, largest) < 0, -1.0, 1.0)
    if axes.shape[1] < 2:  # features of a single number
        axes = torch.cat([axes, torch.zeros_like(axes)], 1)
    whole = float(centred.square().sum()) or 1.0
    shares = [float(size) ** 2 / whole for size in sizes[:2]]
    rows.made["plane"] = plane = Plane(mean, axes, shares)
    return plane


def _rounds(rows: Rows, plane: Plane) -> Iterator[TSNE]:
    """The t-SNE of these features as it stands, and after each slice; it goes on where it was."""
    tsne = rows.made.get("tsne")
    if not isinstance(tsne, TSNE):
        features = rows.all()
        rows.made["tsne"] = tsne = TSNE(features, plane.project(features))
    yield tsne
    while tsne.round < tsne.rounds:
        for _ in range(min(ROUNDS_A_SLICE, tsne.rounds - tsne.round)):
            tsne.step()
        yield tsne
