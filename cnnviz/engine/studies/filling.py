"""What a layer makes of many images, found in slices; and which of them are near to one more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.features import features_of
from cnnviz.engine.probe import seen
from cnnviz.engine.slices import outputs_of_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.engine.bench import Bench
    from cnnviz.engine.features import Rows
    from cnnviz.engine.protocol.studies import Look


def filled(bench: Bench, uid: str, images: torch.Tensor, count: int) -> Iterator[Rows]:
    """The rows of a layer, after each slice of work, and at last with `count` of them (or as many
    as there is memory for). Nothing at all where the network has no such layer.

    While a network learns they are of the weights of several steps. Once it rests they are not:
    what a stroke before had begun is begun anew.
    """
    model, moves = bench.model, bench.moves
    assert model is not None
    while True:
        rows = bench.features.rows(uid, images, count, bench.moves)
        while rows.done < min(count, rows.room):
            if rows.part(model, rows.done) is None:
                return
            if rows.done < min(count, rows.room):
                yield rows
        if rows.version == bench.moves or moves != bench.moves:
            yield rows
            return


def made_of(bench: Bench, look: Look, uid: str) -> torch.Tensor:
    """What a layer makes of one image, with the weights as they are: (1, numbers)."""
    model = bench.model
    assert model is not None
    return features_of(outputs_of_seen(model, seen(model, look, bench.device))[uid])


class Search:
    """The rows nearest to an image, of all that have been looked through by now.

    distances: Euclidean, (up to count,), the smallest first. places: which rows these are.
    """

    def __init__(self, own: torch.Tensor, count: int) -> None:
        """own: (1, numbers)"""
        self._own, self._count = own, count
        self.seen = 0
        self.distances = own.new_empty(0)
        self.places = torch.empty(0, dtype=torch.long, device=own.device)

    def take(self, part: torch.Tensor) -> None:
        """The next rows: (some, numbers)."""
        new = torch.linalg.vector_norm(part - self._own, dim=1)
        places = torch.arange(self.seen, self.seen + len(part), device=new.device)
        self.seen += len(part)
        distances = torch.cat([self.distances, new])
        count = min(self._count, len(distances))
        self.distances, chosen = distances.topk(count, largest=False, sorted=True)
        self.places = torch.cat([self.places, places])[chosen]
