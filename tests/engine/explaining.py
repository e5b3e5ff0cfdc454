"""Questions why a network answers as it does, put to a model of it."""

from __future__ import annotations

import numpy as np

from cnnviz.analysis import analyze
from cnnviz.engine.attribution import Reasons
from cnnviz.engine.build import Model, build
from cnnviz.engine.protocol import Explain, Explained
from cnnviz.explain.answers import Method
from cnnviz.network import Network

IMAGE = np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)


def request(
    method: Method,
    target: int | None = None,
    uid: str = "",
    image: np.ndarray = IMAGE,
    ask: int = 1,
) -> Explain:
    height, width = image.shape
    return Explain(ask, image.tobytes(), height, width, 1, method, target, uid)


def explained(model: Model, asked: Explain) -> Explained:
    """The last answer."""
    reasons = Reasons(model, asked, "cpu")
    answer = reasons.next(revision=3, step=5)
    while answer.done < 1:
        answer = reasons.next(revision=3, step=5)
    return answer


def array(answer: Explained) -> np.ndarray:
    found = answer.array()
    assert found is not None
    return found


def values(model: Model, method: Method, target: int | None = None, uid: str = "") -> np.ndarray:
    return array(explained(model, request(method, target, uid)))


def model_of(network: Network, classes: int = 10) -> Model:
    return build(analyze(network, classes), {}, 1)
