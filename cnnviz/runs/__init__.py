"""The runs of a project, kept: what each began with, its curves, its weights at some steps.

How a view uses it (the session's part is `ui.kept_runs.KeptRuns`, at `session.runs`):

- `session.runs.all` is a tuple of `KeptRun`, the oldest first, with the names and notes that a
  person wrote and without those that were deleted. `session.runs.changed` tells that there are
  others, `session.runs.grown` that one of them (its id) has more points or is in another state.
- `run.train`, `run.test`, `run.validation` are `Curve`s: numpy arrays `steps`, `loss`, `accuracy`,
  ready to be drawn, and their means where points have gone; `run.changes` are the marks;
  `run.title` is what to call the run.
- `differences(runs)` is the table: for each `Line` a title and one value a run.
- `session.rename_run`, `note_run`, `delete_runs` and `run_again` are steps that can be undone.
"""

from cnnviz.runs.curves import MAX_POINTS, NO_POINTS, Changed, Curve, Point, RunState
from cnnviz.runs.differences import Line, Value, differences, results
from cnnviz.runs.model import (
    KeptRun,
    begun_again,
    can_begin_again,
    deleted,
    next_id,
    noted,
    number_of,
    present,
    renamed,
    weights_again,
    within_budget,
)
from cnnviz.runs.moments import (
    ALL_BYTES,
    RUN_BYTES,
    Moment,
    bytes_of,
    is_scheduled,
    most_moments,
    next_scheduled,
    thinned,
    total_bytes,
)
from cnnviz.runs.standing import Due, Place, Standing, resumed

__all__ = [
    "ALL_BYTES",
    "MAX_POINTS",
    "NO_POINTS",
    "RUN_BYTES",
    "Changed",
    "Curve",
    "Due",
    "KeptRun",
    "Line",
    "Moment",
    "Place",
    "Point",
    "RunState",
    "Standing",
    "Value",
    "begun_again",
    "bytes_of",
    "can_begin_again",
    "deleted",
    "differences",
    "is_scheduled",
    "most_moments",
    "next_id",
    "next_scheduled",
    "noted",
    "number_of",
    "present",
    "renamed",
    "results",
    "resumed",
    "thinned",
    "total_bytes",
    "weights_again",
    "within_budget",
]
