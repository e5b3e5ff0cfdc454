"""t-SNE (van der Maaten and Hinton, 2008) for up to ten thousand images, in slices.

Images attract their nearest neighbours (three for each of the perplexity, as in van der Maaten,
2014), and every image repels every other one in every round, exactly. That is done for some images
at a time, so that what is worked with stays in the processor's cache, and no package is needed for
it: a round of ten thousand images takes a tenth of a second on two cores, and 50 MB.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

PERPLEXITY = 30.0
"""How many neighbours an image has, roughly."""
EARLY, EXAGGERATION = 100, 12.0
"""In the first rounds the attraction is so many times as strong, so that clusters find together."""
ROUNDS = 500
START = 1e-4
"""The spread of the first axis at the beginning, which is a PCA (Kobak and Berens, 2019)."""
SEARCHES = 50
PAIRS = 2_500_000
"""Distances in hand at once: 10 MB."""
SLICE = 12_000_000
"""Of them, or as much other work: some ten milliseconds, after which others' turn is."""
PRODUCTS = 1_000_000_000
"""The same of products of features, where there are many of them."""
WEIGHT = 5
"""A pair that attracts each other takes so many times as long as one that only repels."""
LEAST = 1e-12


class TSNE:
    """Points that move round by round to where near ones were near before.

    points: (images, 2), after `round` of `rounds`.
    """

    def __init__(self, features: torch.Tensor, start: torch.Tensor) -> None:
        """features: (images, numbers). start: (images, 2)."""
        self.round, self.rounds = 0, ROUNDS
        count = len(features)
        spread = float(start[:, 0].std()) if count > 1 else 0.0
        self.points = start * (START / spread) if spread else start.clone()
        self._features = features
        self._perplexity = min(PERPLEXITY, max(1.0, (count - 1) / 3))
        self._rate = max(count / EXAGGERATION / 4, 50.0)
        self._lines = max(1, PAIRS // max(1, count))
        """Images of which the distances to all are in hand at once."""
        self._near = features.new_empty(min(self._lines, count), count)
        self._neighbours = torch.empty(count, 0, dtype=torch.long, device=start.device)
        self._attraction = features.new_empty(count, 0)
        self._work = self._go()

    @property
    def done(self) -> bool:
        """Whether all rounds have been made."""
        return self.round == self.rounds

    def advance(self) -> None:
        """Do a slice of work: some rounds, or a part of one."""
        spent = 0
        while spent < SLICE and not self.done:
            spent += next(self._work)

    def _go(self) -> Iterator[int]:
        """All of it; yields what each piece has cost, in pairs."""
        yield from self._find_neighbours()
        speed, gains = torch.zeros_like(self.points), torch.ones_like(self.points)
        while True:
            early = self.round < EARLY
            forces = torch.zeros_like(self.points.T)  # (2, images)
            yield from self._repel(forces)
            yield from self._attract(forces, EXAGGERATION if early else 1.0)
            gradient = 4 * forces.T
            # Momentum and gains as in the authors' program.
            same = torch.sign(gradient) == torch.sign(speed)
            gains = torch.where(same, gains * 0.8, gains + 0.2).clamp(min=0.01)
            speed = (0.5 if early else 0.8) * speed - self._rate * gains * gradient
            points = self.points + speed
            self.points = points - points.mean(0)
            self.round += 1
            yield 0

    def _find_neighbours(self) -> Iterator[int]:
        """Of each image its nearest, and how strongly it is drawn to them: of sum 1 in all."""
        features, count = self._features, len(self._features)
        many = min(count - 1, round(3 * self._perplexity))
        some = max(1, min(self._lines, PRODUCTS // max(1, features.numel())))
        parts = [slice(first, first + some) for first in range(0, count, some)]
        mean = features.mean(0)
        sizes = torch.cat([(features[part] - mean).square().sum(1) for part in parts])
        yield SLICE
        squares, neighbours = [], []
        for part in parts:
            off = features[part] - mean
            block = torch.mm(off, features.T, out=self._near[: len(off)])  # (some, images)
            block.sub_((off @ mean)[:, None]).mul_(-2).add_(sizes[part, None]).add_(sizes)
            block.clamp_(min=0)
            block.diagonal(part.start).fill_(math.inf)  # nobody is a neighbour of itself
            near, places = block.topk(many, largest=False)
            squares.append(near)
            neighbours.append(places)
            yield SLICE
        self._neighbours = torch.cat(neighbours)  # (images, neighbours)
        self._attraction = shares_of(torch.cat(squares), self._perplexity) / max(1, count)
        self._features = self.points  # no longer needed
        yield SLICE

    def _attract(self, forces: torch.Tensor, exaggeration: float) -> Iterator[int]:
        """Σ p q̃ (yᵢ − yⱼ) over neighbours, with p = (p(j|i) + p(i|j)) / 2n and Student's q̃."""
        axes = self.points.T.contiguous()  # an axis at a time: twenty times as quick as both
        some = max(1, PAIRS // 10 // max(1, self._neighbours.shape[1]))
        for first in range(0, len(self.points), some):
            part = slice(first, first + some)
            places = self._neighbours[part]
            ways = [axis[part, None] - axis.take(places) for axis in axes]  # (some, neighbours)
            near = 1 + ways[0].square() + ways[1].square()
            near = exaggeration / 2 * self._attraction[part] / near
            for force, way in zip(forces, ways, strict=True):
                pull = near * way
                force[part] += pull.sum(1)
                force.scatter_add_(0, places.reshape(-1), -pull.reshape(-1))
            yield WEIGHT * near.numel()

    def _repel(self, forces: torch.Tensor) -> Iterator[int]:
        """−Σ q q̃ (yᵢ − yⱼ) over all, where q̃ = 1 / (1 + |yᵢ − yⱼ|²) and q its share of all."""
        points, count = self.points, len(self.points)
        sizes, ones = points.square().sum(1, keepdim=True), torch.ones_like(points[:, :1])
        # One product of matrices gives 1 + |yᵢ|² + |yⱼ|² − 2 yᵢ·yⱼ, and one more both sums.
        left = torch.cat([points, sizes, ones], 1)
        right = torch.cat([-2 * points, ones, sizes + 1], 1).T.contiguous()
        moments = torch.cat([points, ones], 1)
        sums, whole = torch.empty_like(moments), torch.zeros((), device=points.device)
        for first in range(0, count, self._lines):
            part = slice(first, first + self._lines)
            near = torch.mm(left[part], right, out=self._near[: len(left[part])])
            near.clamp_(min=1).reciprocal_()
            whole += near.sum()
            torch.mm(near.square_(), moments, out=sums[part])
            yield near.numel()
        whole = (whole - count).clamp(min=LEAST)  # without each with itself, which repels nobody
        forces -= (points * sums[:, 2:] - sums[:, :2]).T / whole

    def divergence(self) -> float:
        """Kullback and Leibler's, between the two neighbourhoods: what a round makes smaller.

        For tests and measurements: all pairs at once."""
        count = len(self.points)
        p = torch.zeros(count, count).scatter_(1, self._neighbours, self._attraction)
        p = (p + p.T) / 2
        near = 1 / (1 + torch.cdist(self.points, self.points).square())
        near.fill_diagonal_(0)
        q = (near / near.sum()).clamp(min=LEAST)
        return float((p * (p.clamp(min=LEAST) / q).log()).sum())


def shares_of(squares: torch.Tensor, perplexity: float) -> torch.Tensor:
    """How an image's nearness is shared out among its neighbours: by a bell whose width is searched
    by bisection, for the entropy that the perplexity asks for.

    squares: of the distances, (images, neighbours). Returns the same shape, each row of sum 1.
    """
    if not squares.numel():
        return squares
    squares = squares - squares[:, :1]  # changes no share
    squares = squares / squares.mean().clamp(min=LEAST)
    low = torch.zeros(len(squares), 1, device=squares.device)
    high = torch.full_like(low, math.inf)
    precision = torch.ones_like(low)
    for _ in range(SEARCHES):
        shares = (-squares * precision).softmax(1)
        entropy = -(shares * shares.clamp(min=LEAST).log()).sum(1, keepdim=True)
        wide = entropy > math.log(perplexity)
        low = torch.where(wide, precision, low)
        high = torch.where(wide, high, precision)
        middle = (low + high) / 2
        precision = torch.where(high.isinf(), precision * 2, middle)
    return (-squares * precision).softmax(1).nan_to_num(0)
