"""The networks that come with the program, in `assets/presets` and `assets/weights`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from cnnviz.analysis import analyze
from cnnviz.assets import asset_path
from cnnviz.message import Message, UserError
from cnnviz.network import Network
from cnnviz.network_file import decode_network
from cnnviz.preset_list import FIRST_START, GROUPS, Group, Preset
from cnnviz.project import Project, Weights
from cnnviz.weights_file import decode_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIRST_START", "GROUPS", "PRESETS", "Group", "Preset", "first_start", "preset"]

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {name: known for group in GROUPS for name, known in group.presets.items()}
)
"""Name of the file and on the command line -> what is said of it."""


def preset(name: str) -> Network:
    """The network of that name, a key of `PRESETS`.

    Raises:
        UserError: there is none.
    """
    if name not in PRESETS:
        raise UserError(
            Message(
                "There is no preset {name}. Choose one of these: {known}.",
                name=repr(name),
                known=", ".join(PRESETS),
            )
        )
    return decode_network(asset_path("presets", f"{name}.json").read_bytes())


def first_start() -> tuple[Project, Weights]:
    """The small network that a newcomer finds open, trained by `scripts/train_first_start.py`."""
    project = Project(preset(FIRST_START))
    file = asset_path("weights", f"{FIRST_START}.safetensors")
    weights, _ = decode_weights(analyze(project.network), file.read_bytes(), file.name)
    return project, weights
