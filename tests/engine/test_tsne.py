"""t-SNE: known clusters, its gradient against autograd, its neighbours against brute force."""

from __future__ import annotations

import pytest
import torch

from cnnviz.engine.studies import tsne as tsne_module
from cnnviz.engine.studies.embedding import between
from cnnviz.engine.studies.filling import Search
from cnnviz.engine.studies.tsne import TSNE, shares_of


def clusters(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Four clouds in twenty dimensions: (count, 20), and which of them each is of."""
    generator = torch.Generator().manual_seed(1)
    centres = 5 * torch.randn(4, 20, generator=generator)
    labels = torch.arange(count) % 4
    return centres[labels] + torch.randn(count, 20, generator=generator), labels


def test_tsne_brings_together_what_is_alike() -> None:
    made, labels = clusters(121)
    made, new, labels = made[:120], made[118:119] * 0.99, labels[:120]
    tsne = TSNE(made, made[:, :2] - made[:, :2].mean(0))
    while tsne.round < 1:
        tsne.advance()
    before = tsne.divergence()
    while not tsne.done:
        tsne.advance()
    assert tsne.round == tsne.rounds
    assert tsne.divergence() < before / 3
    distances = torch.cdist(tsne.points, tsne.points).fill_diagonal_(float("inf"))
    assert torch.equal(labels[distances.argmin(1)], labels)
    inside = (tsne.points[labels == 2] - tsne.points[labels == 2].mean(0)).norm(dim=1).max()
    search = Search(new, 10)
    search.take(made)
    at = torch.tensor(between(search, tsne.points))
    assert (at - tsne.points[labels == 2].mean(0)).norm() <= inside


@pytest.mark.parametrize("pairs", [40, 2_500_000])
def test_a_round_goes_down_the_gradient_of_the_divergence(
    monkeypatch: pytest.MonkeyPatch, pairs: int
) -> None:
    monkeypatch.setattr(tsne_module, "PAIRS", pairs)  # the images a few at a time, or all at once
    made, _ = clusters(37)
    tsne = TSNE(made, made[:, :2])
    for _ in tsne._find_neighbours():
        pass
    tsne.points = made[:, 2:4].clone()
    forces = torch.zeros(2, len(made))
    for _ in tsne._repel(forces):
        pass
    for _ in tsne._attract(forces, 1.0):
        pass
    points = tsne.points.clone().requires_grad_()
    p = torch.zeros(37, 37).scatter_(1, tsne._neighbours, tsne._attraction)
    p = ((p + p.T) / 2).fill_diagonal_(1e-20)
    near = 1 / (1 + (points[:, None] - points[None]).square().sum(2))
    q = near * (1 - torch.eye(37))
    q = (q / q.sum()).clamp(min=1e-20)
    (p * (p.clamp(min=1e-20) / q).log()).sum().backward()
    assert points.grad is not None
    torch.testing.assert_close(4 * forces.T, points.grad, rtol=1e-3, atol=1e-6)


def test_neighbours_attract_with_the_perplexity_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tsne_module, "PAIRS", 3000)
    made = 100 + torch.rand(300, 8, generator=torch.Generator().manual_seed(0))
    tsne = TSNE(made, made[:, :2])
    for _ in tsne._find_neighbours():
        pass
    squares = torch.cdist(made.double(), made.double()).square().fill_diagonal_(float("inf"))
    assert tsne._neighbours.shape == (300, 90)
    near, _ = squares.topk(90, largest=False)
    found = squares.gather(1, tsne._neighbours)
    torch.testing.assert_close(found.sort().values, near, rtol=1e-2, atol=1e-3)
    p = tsne._attraction
    assert float(p.sum()) == pytest.approx(1, abs=1e-5)
    rows = p / p.sum(1, keepdim=True)
    entropy = -(rows * rows.clamp(min=1e-12).log()).sum(1)
    assert entropy.exp().numpy() == pytest.approx(30, rel=0.02)
    assert torch.equal(shares_of(torch.zeros(3, 0), 1.0), torch.zeros(3, 0))
