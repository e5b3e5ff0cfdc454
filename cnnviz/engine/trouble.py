"""What to tell a person when PyTorch raises."""

from __future__ import annotations

import torch

from cnnviz.message import Message, UserError

EXHAUSTED = ("out of memory", "not enough memory", "allocate memory")
"""What PyTorch says on its devices when there is no memory left."""
LOST = ("device lost", "device_lost", "device is lost")
"""What it says of devices other than CUDA when they are gone."""


class DeviceLostError(UserError):
    """Nothing that this process still has to do with the device can be done; another process may
    find it again, or does without it."""


def lost(error: Exception) -> bool:
    """Whether the device is gone: a driver that was reset, a card that fell off the bus. PyTorch
    answers everything with such an error from then on."""
    words = str(error).lower()
    kind = isinstance(error, torch.AcceleratorError) and not exhausted(error)
    return kind or any(each in words for each in LOST)


def exhausted(error: Exception) -> bool:
    """Whether there is no memory left on the device, or in the machine."""
    words = str(error).lower()
    if isinstance(error, UserError):
        return False
    kinds = torch.OutOfMemoryError | MemoryError
    return isinstance(error, kinds) or any(each in words for each in EXHAUSTED)


def explain(error: Exception, device: str) -> Message:
    """A sentence in the place of a traceback.

    Raises:
        DeviceLostError: there is nothing to go on with.
    """
    if lost(error):
        gone = Message("{device} does not answer any more.", device=device.upper())
        raise DeviceLostError(gone) from error
    if isinstance(error, UserError):
        return error.message
    if exhausted(error):
        return Message(
            "{device} has run out of memory. Use a smaller batch or fewer filters.",
            device=device.upper(),
        )
    if isinstance(error, ValueError) and "more than 1 value per channel" in str(error):
        return Message("Batch norm needs more than one image in a batch. Use a larger batch size.")
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return Message("The engine could not do this: {reason}", reason=first)
