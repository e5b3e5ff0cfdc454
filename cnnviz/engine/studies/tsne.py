"""t-SNE (van der Maaten and Hinton, 2008), exactly: every pair counts in every round.

For a thousand images that is some milliseconds a round, and no package is needed for it.
"""

from __future__ import annotations

import math

import torch

PERPLEXITY = 30.0
"""How many neighbours an image has, roughly."""
EARLY, EXAGGERATION = 100, 12.0
"""In the first rounds the attraction is so many times as strong, so that clusters find together."""
ROUNDS = 500
START = 1e-4
"""The spread of the first axis at the beginning, which is a PCA (Kobak and Berens, 2019)."""
SEARCHES = 50
NEIGHBOURS = 10
LEAST = 1e-12


class TSNE:
    """Points that move round by round to where near ones were near before."""

    def __init__(self, features: torch.Tensor, start: torch.Tensor) -> None:
        """features: (images, numbers). start: (images, 2)."""
        self.round, self.rounds = 0, ROUNDS
        count = len(features)
        self._attraction = _attraction(features, min(PERPLEXITY, max(1.0, (count - 1) / 3)))
        spread = float(start[:, 0].std()) if count > 1 else 0.0
        self.points = start * (START / spread) if spread else start.clone()
        self._speed = torch.zeros_like(self.points)
        self._gains = torch.ones_like(self.points)
        self._rate = max(count / EXAGGERATION / 4, 50.0)

    def step(self) -> None:
        """One round of gradient descent, with momentum and gains as in the authors' program."""
        early = self.round < EARLY
        near = 1 / (1 + _squares(self.points))  # Student's t: (images, images)
        near.fill_diagonal_(0)
        repulsion = near / near.sum().clamp(min=LEAST)
        pull = (self._attraction * (EXAGGERATION if early else 1.0) - repulsion) * near
        gradient = 4 * (pull.sum(1, keepdim=True) * self.points - pull @ self.points)
        same = torch.sign(gradient) == torch.sign(self._speed)
        self._gains = torch.where(same, self._gains * 0.8, self._gains + 0.2).clamp(min=0.01)
        momentum = 0.5 if early else 0.8
        self._speed = momentum * self._speed - self._rate * self._gains * gradient
        self.points = self.points + self._speed
        self.points = self.points - self.points.mean(0)
        self.round += 1

    def divergence(self) -> float:
        """Kullback and Leibler's, between the two neighbourhoods: what a round makes smaller."""
        near = 1 / (1 + _squares(self.points))
        near.fill_diagonal_(0)
        q = (near / near.sum()).clamp(min=LEAST)
        p = self._attraction.clamp(min=LEAST)
        return float((self._attraction * (p / q).log()).sum())


def between(features: torch.Tensor, points: torch.Tensor, own: torch.Tensor) -> list[float]:
    """About where an image would be that was not there when the points were placed: between those
    of its nearest neighbours, the nearer the more. own: (1, numbers)."""
    squares = (features - own).square().sum(1)
    near, places = squares.topk(min(NEIGHBOURS, len(features)), largest=False)
    scale = near.mean().clamp(min=LEAST)
    shares = (-near / scale).softmax(0)
    where: list[float] = (shares[:, None] * points[places]).sum(0).tolist()
    return where


def _squares(points: torch.Tensor) -> torch.Tensor:
    """Squared distances of all pairs: (images, images)."""
    sizes = points.square().sum(1)
    return (sizes[:, None] + sizes[None] - 2 * points @ points.T).clamp_(min=0)


def _attraction(features: torch.Tensor, perplexity: float) -> torch.Tensor:
    """How near the images are, as a distribution over all pairs: (images, images), of sum 1."""
    squares = _squares(features - features.mean(0))
    count = len(squares)
    squares.fill_diagonal_(math.inf)
    squares = (
        squares / squares[squares.isfinite()].mean().clamp(min=LEAST) if count > 1 else squares
    )
    low = torch.zeros(count, 1, device=squares.device)
    high = torch.full_like(low, math.inf)
    precision = torch.ones_like(low)
    for _ in range(SEARCHES):  # by bisection, for the entropy that the perplexity asks for
        shares = (-squares * precision).softmax(1)
        entropy = -(shares * shares.clamp(min=LEAST).log()).sum(1, keepdim=True)
        wide = entropy > math.log(perplexity)
        low = torch.where(wide, precision, low)
        high = torch.where(wide, high, precision)
        middle = (low + high) / 2
        precision = torch.where(high.isinf(), precision * 2, middle)
    shares = (-squares * precision).softmax(1).nan_to_num(0)
    both = shares + shares.T
    return both / both.sum().clamp(min=LEAST)
