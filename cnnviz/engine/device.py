"""Which device does the work, and whether a network fits on it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import psutil
import torch

from cnnviz.explain.formula import bytes_text
from cnnviz.memory import ROOM, looking_memory, training_memory
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.training import Training


CAN_PIN = hasattr(psutil.Process, "cpu_affinity")
"""Whether the system tells which cores the process may use; macOS does not."""


def available() -> list[str]:
    """The devices of this machine, the fastest kind first; the CPU is always there."""
    found = []
    if torch.cuda.is_available():
        found += [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        found += [f"xpu:{index}" for index in range(torch.xpu.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def choose(wanted: str | None, devices: list[str]) -> tuple[str, Message | None]:
    """The wanted device or the first that really works, and what there is to say about it."""
    note = None
    for device in sorted(devices, key=lambda device: device != wanted):
        if works(device):
            return device, note
        note = Message(
            "{device} does not answer; the work goes on without it.", device=device.upper()
        )
    return "cpu", note


def works(device: str) -> bool:
    """Whether a device computes what the CPU computes; a driver may promise what it can't keep."""
    if device == "cpu":
        return True
    try:
        pairs = zip(_computed("cpu", device), _computed(device, device), strict=True)
        return all(torch.allclose(one, other, rtol=1e-2, atol=1e-2) for one, other in pairs)
    except (RuntimeError, AssertionError, NotImplementedError):
        return False


def _computed(device: str, meant: str) -> tuple[torch.Tensor, torch.Tensor]:
    """A convolution there and its weights' gradient, in the order in which `meant` has images."""
    order = order_on(meant)
    x = torch.linspace(-1, 1, 2 * 3 * 8 * 8).reshape(2, 3, 8, 8)
    kernel = torch.linspace(-1, 1, 4 * 3 * 3 * 3).reshape(4, 3, 3, 3)
    there = kernel.contiguous(memory_format=order).to(device).requires_grad_()
    y = torch.nn.functional.conv2d(x.contiguous(memory_format=order).to(device), there)
    (back,) = torch.autograd.grad(y.square().mean(), there)
    return y.detach().cpu(), back.cpu()


def order_on(device: torch.device | str) -> torch.memory_format:
    """In which order the values of images lie in memory where they are to be computed soon.

    For MPS it is the plain one: in the other one batch norm and average pooling are now and then
    silently wrong there (pytorch issue 174345).
    """
    plain = torch.device(device).type == "mps"
    return torch.contiguous_format if plain else torch.channels_last


def in_order(x: torch.Tensor) -> torch.Tensor:
    """The same values (batch, channels, height, width), in that order."""
    return x.contiguous(memory_format=order_on(x.device))


def free_memory(device: str) -> int:
    """Bytes that can still be had on a device."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    if device.startswith("xpu"):
        return int(torch.xpu.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def held_memory(device: str) -> int:
    """Bytes that this process holds on a device: its tensors; on the CPU, all of it."""
    if device.startswith("cuda"):
        return int(torch.cuda.memory_allocated(device))
    if device.startswith("xpu"):
        return int(torch.xpu.memory_allocated(device))
    if device == "mps":
        return int(torch.mps.current_allocated_memory())
    return int(psutil.Process().memory_info().rss)


def release(device: str) -> None:
    """Give back what PyTorch keeps of a device's memory for later."""
    kind = device.split(":", maxsplit=1)[0]
    if kind in ("cuda", "mps", "xpu"):
        getattr(torch, kind).empty_cache()


def check_fits(report: Report, device: str, training: Training | None = None) -> None:
    """Refuse what the device cannot hold before anything is allocated.

    training: how it is to be trained; None where it is only looked at.

    Raises:
        UserError: with both sizes.
    """
    needed = looking_memory(report) if training is None else training_memory(report, training).total
    free = free_memory(device)
    if needed > ROOM * free:
        raise UserError(
            Message(
                "The network needs about {needed}, but {device} has {free} free. "
                "Use fewer filters or units, or a smaller batch.",
                needed=bytes_text(needed),
                device=device.upper(),
                free=bytes_text(free),
            )
        )


def cores() -> int:
    """How many cores this process may use."""
    return len(psutil.Process().cpu_affinity()) if CAN_PIN else os.cpu_count() or 1


def set_up_threads(threads: int | None = None, free: int = 0, beside: int = 1) -> int:
    """Let the process compute with all cores, or leave some free; how many threads it has then.

    beside: of so many processes that compute together each takes its part of the cores.
    """
    count = threads or max(1, (cores() - free) // beside)
    torch.set_num_threads(count)
    return count


def lower_priority() -> None:
    """Let the window go first; where the system does not allow it, nothing is lost."""
    process = psutil.Process()
    try:
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)
    except (psutil.Error, OSError):
        return
