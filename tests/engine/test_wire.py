"""How messages to the engine go through the pipe."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from cnnviz.engine.protocol import APART, Lend, Tensor, ToEngine, Visit, frames, receive
from cnnviz.engine.protocol.asked import Bearing


def test_all_that_bears_tensors_is_known_to_do_so() -> None:
    bearing = {kind for kind in get_args(ToEngine) if "tensors" in kind.__struct_fields__}
    assert bearing == set(get_args(Bearing))


@pytest.mark.parametrize("kind", [Visit, Lend])
def test_large_weights_of_another_step_travel_on_their_own(kind: type[Visit] | type[Lend]) -> None:
    """In one piece they would hold up the window."""
    large = np.arange(APART // 4, dtype=np.float32)
    tensors = [Tensor.of("d", "weight", large), Tensor.of("d", "bias", np.ones(3))]
    message = Visit(7, tensors) if kind is Visit else Lend("left", tensors)
    pieces = list(frames(message))
    assert [len(piece) for piece in pieces[1:]] == [APART]
    assert len(pieces[0]) < 1000
    heard = receive(map(bytes, pieces).__next__)
    assert isinstance(heard, kind)
    for sent, tensor in zip(tensors, heard.tensors, strict=True):
        np.testing.assert_array_equal(tensor.array(), sent.array())
