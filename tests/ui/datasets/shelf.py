"""A web server with a small KMNIST, which takes the place of the real one."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.data import fetching, published
from cnnviz.data.published import Kept, Package, Published
from tests.data.published import idx
from tests.data.web import Web, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


@contextmanager
def small_kmnist(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The server; the package kmnist comes from there."""
    chance = np.random.default_rng(0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.0)
    with serving() as web:
        files = []
        for part, count in (("train", 60_000), ("t10k", 10_000)):
            for name, values in (
                (f"{part}-images-idx3-ubyte.gz", np.zeros((count, 28, 28), np.uint8)),
                (f"{part}-labels-idx1-ubyte.gz", chance.integers(0, 10, count)),
            ):
                data = web.files[f"/{name}"] = idx(values)
                digest = hashlib.sha256(data).hexdigest()
                files.append(Published(name, len(data), digest, (f"{web.address}/{name}",)))
        kept = tuple(Kept("kmnist", file.name) for file in files)
        small = {**published.PACKAGES, "kmnist": Package("kmnist", tuple(files), kept)}
        for module in ("cnnviz.data.published", "cnnviz.data.fetching", "ui.datasets.library",
                       "ui.datasets.dialog"):  # fmt: skip
            monkeypatch.setattr(f"{module}.PACKAGES", small)
        yield web
