"""A disk with little room: what is written beyond it raises as a full file system does."""

from __future__ import annotations

import errno
import io
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class _Narrow(io.FileIO):
    room = 0

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        if size > _Narrow.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _Narrow.room -= size
        return super().write(data)


def leave_room(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """From now on files that take the place of others have so many bytes of room in all."""
    _Narrow.room = room
    monkeypatch.setattr(
        "cnnviz.atomic.os.fdopen",
        lambda number, mode: io.BufferedWriter(_Narrow(number, mode)),
    )
