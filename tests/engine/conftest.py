"""PyTorch as it was: threads and chance of one test are not there for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from tests.engine.desk import Desk, load_slowly

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _pytorch_as_it_was() -> Iterator[None]:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An engine with a small data set of its own."""
    monkeypatch.setattr("cnnviz.engine.bench.load_steps", load_slowly)
    return Desk()
