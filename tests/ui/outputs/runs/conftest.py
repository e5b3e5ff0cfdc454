"""A project with three runs that are kept: two are over, the third has just begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from cnnviz.runs import Curve, KeptRun, Point
from tests.support.fake_engine import FakeEngine
from tests.ui.sessions import small_session

if TYPE_CHECKING:
    from ui.session import Session


def curve(*losses: float) -> Curve:
    points = [Point(10 * (n + 1), loss, 1 - loss / 4) for n, loss in enumerate(losses)]
    return Curve.of(points)


def kept(session: Session, **more: Any) -> KeptRun:
    """A run of the present project that begins now."""
    run = KeptRun(session.runs.new_id(), 1.7e9, session.project, **more)
    session.runs.begin(run)
    return run


@pytest.fixture
def session() -> Session:
    session = small_session()
    training = session.project.training
    for rate in (0.002, 0.01):
        changed = msgspec.structs.replace(training, learning_rate=rate)
        project = msgspec.structs.replace(session.project, training=changed)
        losses = np.array([2.0, 1.0, 0.5]) * (1 + 10 * rate)
        run = KeptRun(session.runs.new_id(), 1.7e9, project, state="finished", step=30, steps=30)
        run = msgspec.structs.replace(run, train=curve(*losses), test=curve(*(losses + 0.1)))
        session.runs.begin(run)
    return session


@pytest.fixture
def engine(session: Session) -> FakeEngine:
    return FakeEngine(session)
