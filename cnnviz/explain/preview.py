"""What a setting would give before it is set, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnviz.analysis import analyze
from cnnviz.message import Message
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.network import Network


class Preview(NamedTuple):
    """What would follow, and whether the network would still work, or work at last."""

    words: Message
    works: bool


def preview(report: Report, network: Network, uid: str, classes: int, change: Message) -> Preview:
    """What follows from another network, beside the report of the present one.

    uid: the layer whose setting makes the difference, or `INPUT_UID`. change: the setting and its
    value, such as "Kernel 7×7".
    """
    other = analyze(network, classes)
    if uid == INPUT_UID:
        effect = Message(
            "{change} → {parameters:,} parameters in all",
            change=change,
            parameters=other.parameters,
        )
        works = not other.problems
    else:
        row = other.row(uid)
        works = row.output is not None and row.problem is None
        if row.problem is not None:
            return Preview(
                Message("{change}: {problem}", change=change, problem=row.problem.headline), False
            )
        if row.output is None:
            return Preview(Message("{change}: it waits for a layer before it", change=change), True)
        if row.off:
            return Preview(
                Message("{change}: it counts as soon as it is enabled", change=change), True
            )
        effect = Message(
            "{change} → {shape}, {parameters:,} parameters",
            change=change,
            shape=row.output,
            parameters=row.parameter_count or 0,
        )
    trouble = next((t for t in other.problems if t.uid != uid), None)
    if trouble is not None and trouble.uid not in {known.uid for known in report.problems}:
        return Preview(
            Message(
                "{effect}, but then: {problem}", effect=effect, problem=trouble.problem.headline
            ),
            False,
        )
    return Preview(effect, works)
