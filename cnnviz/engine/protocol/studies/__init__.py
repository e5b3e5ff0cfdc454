"""What the engine can look into at leisure: a subject for each study, and what is found.

A study is one struct of each here, and one generator in `cnnviz.engine.studies`.
"""

from __future__ import annotations

from cnnviz.engine.protocol.studies.backward import (
    Backward,
    BackwardInTraining,
    WentBack,
    WentBackInTraining,
)
from cnnviz.engine.protocol.studies.images import (
    Accuracies,
    Average,
    Averaged,
    Beside,
    Dream,
    Dreamt,
    Embed,
    Embedded,
    Examine,
    Excited,
    Exciting,
    Lacking,
    Muted,
    Nearest,
    Neighbours,
    Pictured,
    Pictures,
    Projection,
    SeenBeside,
)
from cnnviz.engine.protocol.studies.learning import (
    Foreseen,
    Learned,
    Lesson,
    Outlook,
    RangeTest,
    RangeTested,
    Started,
    Starts,
)
from cnnviz.engine.protocol.values import Answers, Look

__all__ = [
    "Accuracies",
    "Average",
    "Averaged",
    "Backward",
    "BackwardInTraining",
    "Beside",
    "Dream",
    "Dreamt",
    "Embed",
    "Embedded",
    "Examine",
    "Excited",
    "Exciting",
    "Finding",
    "Foreseen",
    "Lacking",
    "Learned",
    "Lesson",
    "Look",
    "Muted",
    "Nearest",
    "Neighbours",
    "Outlook",
    "Pictured",
    "Pictures",
    "Projection",
    "RangeTest",
    "RangeTested",
    "SeenBeside",
    "Started",
    "Starts",
    "Subject",
    "WentBack",
    "WentBackInTraining",
]

Subject = (
    Examine
    | Beside
    | Average
    | Starts
    | Exciting
    | Dream
    | Muted
    | Nearest
    | Embed
    | Pictures
    | Backward
    | BackwardInTraining
    | RangeTest
    | Outlook
    | Lesson
)
Finding = (
    Answers
    | SeenBeside
    | Lacking
    | Averaged
    | Started
    | Excited
    | Dreamt
    | Accuracies
    | Neighbours
    | Embedded
    | Pictured
    | WentBack
    | WentBackInTraining
    | RangeTested
    | Foreseen
    | Learned
)
