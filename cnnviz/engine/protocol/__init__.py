"""What the window and the engine say to each other: msgpack, typed, never pickle. No torch here.

The window is the one that knows; the engine holds one network with live weights, and tells what it
learned. A `revision` names a state of the window's history, so that late answers find their place.
"""

from cnnviz.engine.protocol.asked import (
    Explain,
    Forget,
    Leave,
    Load,
    Pause,
    Probe,
    Quit,
    Resume,
    Settings,
    Stop,
    Study,
    ToEngine,
    Train,
    UseDevice,
    UseThreads,
    Visit,
)
from cnnviz.engine.protocol.studies import Finding, Subject
from cnnviz.engine.protocol.told import (
    Examined,
    Explained,
    Failed,
    FromEngine,
    Passed,
    Probed,
    Progress,
    Ready,
    Snapshot,
    Studied,
)
from cnnviz.engine.protocol.values import MAX_VALUES, Activations, Tensor, Text
from cnnviz.engine.protocol.wire import (
    APART,
    decode_from_engine,
    decode_to_engine,
    encoder,
    frames,
    receive,
)

__all__ = [
    "APART",
    "MAX_VALUES",
    "Activations",
    "Examined",
    "Explain",
    "Explained",
    "Failed",
    "Finding",
    "Forget",
    "FromEngine",
    "Leave",
    "Load",
    "Passed",
    "Pause",
    "Probe",
    "Probed",
    "Progress",
    "Quit",
    "Ready",
    "Resume",
    "Settings",
    "Snapshot",
    "Stop",
    "Studied",
    "Study",
    "Subject",
    "Tensor",
    "Text",
    "ToEngine",
    "Train",
    "UseDevice",
    "UseThreads",
    "Visit",
    "decode_from_engine",
    "decode_to_engine",
    "encoder",
    "frames",
    "receive",
]
