"""What has been found alike, in words, for a line beside the choice of the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.engine.protocol.studies import Embedded, Neighbours
from ui.i18n import text, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.engine.protocol import Studied
    from ui.inspector.wordings import Wordings


def found_words(answer: Studied | None, classes: Sequence[str]) -> Wordings:
    """How much of the answer there is, and what it says. classes: their names."""
    if answer is None:
        return (tr("Looking at the images…"),)
    if answer.note is not None:
        return (text(answer.note.message()),)
    finding = answer.finding
    if isinstance(finding, Neighbours):
        return _near(finding, classes)
    if not isinstance(finding, Embedded):
        return looking(answer.done)
    images = _images(finding)
    if finding.shares:
        share = 100 * sum(finding.shares)
        return (
            tr(
                "{images}; the two axes show {share:.0f} % of the variance",
                images=images,
                share=share,
            ),
            tr("{share:.0f} % of the variance", share=share),
        )
    if answer.done == 1:
        return images, f"{len(finding.labels):,}", ""  # the choice beside it says it, too
    return (
        tr("{images}, round {round:,}", images=images, round=finding.rounds),
        tr("round {round:,}", round=finding.rounds),
    )


def looking(done: float) -> Wordings:
    """How many of the images have been looked at; done: 0 to 1."""
    percent = 100 * done
    return tr("Looking at the images: {percent:.0f} %", percent=percent), f"{percent:.0f} %"


def _near(finding: Neighbours, classes: Sequence[str]) -> Wordings:
    counts = np.bincount(finding.labels, minlength=len(classes))
    most = int(counts.argmax())
    of = {"n": int(counts[most]), "all": len(finding.labels), "name": classes[most]}
    among = {"among": finding.among, "whole": finding.whole}
    if finding.among < finding.whole:
        return (
            tr(
                "{n} of the {all} nearest are of class {name} "
                "(among {among:,} of {whole:,} training images)",
                **of,
                **among,
            ),
            tr("{n} of {all} are of class {name} ({among:,} of {whole:,} seen)", **of, **among),
            tr("{name}: {n} of {all}, {among:,} seen", **of, **among),
        )
    return (
        tr(
            "{n} of the {all} nearest are of class {name} (among all {whole:,} training images)",
            **of,
            **among,
        ),
        tr("{n} of {all} are of class {name}", **of),
        tr("{name}: {n} of {all}", **of),
    )


def _images(finding: Embedded) -> str:
    """How many of them there are in the plane."""
    count = len(finding.labels)
    if count < finding.whole:
        return tr("{n:,} of {all:,} test images", n=count, all=finding.whole)
    return tr("{n:,} test images", n=count)
