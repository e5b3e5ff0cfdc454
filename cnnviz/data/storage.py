"""Where data sets are kept that do not come with the program: in the person's data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "CNNVIZ_DATA"
"""The environment variable that names another folder, for tests and for shared machines."""


def data_folder() -> Path:
    """The folder of all data sets that were fetched or added; it need not be there yet.

    The same place as Qt's GenericDataLocation, so that window and command line agree.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "CNNviz" / "datasets"
