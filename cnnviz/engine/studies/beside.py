"""What a layer makes of an image, with the weights that are looked at or with lent ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.device import in_order
from cnnviz.engine.probe import activations, at_rest, seen
from cnnviz.engine.protocol import Text
from cnnviz.engine.protocol.studies import Lacking, SeenBeside
from cnnviz.engine.studies.found import NOT_THERE, Found, Work
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol import Activations
    from cnnviz.engine.protocol.studies import Beside


def beside(subject: Beside, bench: Bench) -> Work:
    """One pass, in one slice."""
    model = bench.lent.get(subject.weights) if subject.weights else bench.model
    if model is None:
        yield Found(Lacking(subject.weights), 1)
        return
    found: list[Activations] = []

    def see(uid: str, values: torch.Tensor) -> None:
        if uid == subject.uid:
            found.append(activations(uid, values, 0, whole=True))

    with at_rest(model), torch.inference_mode():
        x = seen(model, subject.look, bench.device)
        see(INPUT_UID, x)
        y = model.look(in_order(x), see)
    if not found or y is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    answer = y if model.ends_in_softmax else y.softmax(1)  # (1, classes)
    low, high = model.sight.range
    yield Found(SeenBeside(found[0], answer[0].tolist(), low, high), 1)
