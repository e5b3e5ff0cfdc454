"""What is wrong with a file of data, in one sentence for a person."""

from __future__ import annotations

from cnnviz.message import UserError


class DataError(UserError):
    """A data set or an image that cannot be used: what was found, expected, and what to do."""


class AbsentError(DataError):
    """A data set whose files are not on this machine, and can be had."""
