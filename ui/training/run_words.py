"""How a run stands, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.message import Message
from ui.i18n import text, tr
from ui.numerals import significant

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Progress
    from cnnviz.runs import RunState
    from ui.engine_client import EngineClient
    from ui.session import Session


def obstacle(session: Session, engine: EngineClient) -> Message | None:
    """Why nothing can be trained now; None where it can."""
    problem = session.report.problem
    if problem is not None:
        return Message("The network has a problem: {problem}", problem=problem.headline)
    return starting(engine)


def starting(engine: EngineClient) -> Message | None:
    """That the engine is not there yet; None where it is."""
    return Message("The engine is starting…") if engine.device is None else None


def state_word(state: RunState) -> str:
    """One word or two for the read-out."""
    return {
        "loading": tr("Loading"),
        "running": tr("Running"),
        "paused": tr("Paused"),
        "finished": tr("Finished"),
        "stopped": tr("Stopped"),
        "failed": tr("Failed"),
    }[state]


def duration(seconds: float) -> str:
    """A time as 0:42, 12:05 or 1:02:03."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def explanation(engine: EngineClient) -> str:
    """Why the present run failed or ended early; empty where it has not."""
    progress = engine.progress
    if progress is None or progress.explanation is None:
        return ""
    return text(progress.explanation.message())


def step_words(progress: Progress) -> str:
    """What the last step was like."""
    lines = []
    if progress.learning_rate is not None:
        lines.append(tr("Learning rate {rate}", rate=significant(progress.learning_rate, 3)))
    if progress.gradient_norm is not None:
        lines.append(tr("Gradient norm {norm}", norm=significant(progress.gradient_norm, 3)))
    return "\n".join(lines)
