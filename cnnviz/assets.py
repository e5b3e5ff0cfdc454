"""Where the files are that come with the program: data sets, presets, translations, weights."""

from __future__ import annotations

from pathlib import Path

# In a checkout and in an installed wheel alike the folder lies beside the package.
_ROOT = Path(__file__).resolve().parent.parent / "assets"


def asset_path(*parts: str) -> Path:
    """The path of a file or folder under `assets`, as in `asset_path("datasets", "mnist")`."""
    return _ROOT.joinpath(*parts)
