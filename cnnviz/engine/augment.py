"""Images that differ a little each time, so that a network cannot learn them by heart.

How they differ is a matter of a seed alone, never of PyTorch's own chance, so that neither looking
meanwhile nor going on later changes a run. Exported scripts print these functions as they stand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnnviz.augmentation import augmentation_calls
from cnnviz.engine.build import derived_seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.preparation import Preparation


def shifted(x: torch.Tensor, limit: int, seed: int, step: int) -> torch.Tensor:
    """All images of a batch, moved together by up to `limit` pixels along each axis.

    Zeros come in at the edges. How far is a matter of (seed, step) alone, so that a run can be gone
    on with anywhere. x: (batch, channels, height, width).
    """
    if not limit:
        return x
    chance, ways = derived_seed(seed, "shift", str(step)), 2 * limit + 1
    down, right = chance % ways - limit, chance // ways % ways - limit
    height, width = x.shape[2:]
    down, right = min(max(down, -height), height), min(max(right, -width), width)
    return F.pad(x, (right, -right, down, -down))


def augmented(x: torch.Tensor, settings: Preparation, seed: int, step: int) -> torch.Tensor:
    """Each image of a batch changed by chance, as it is set.

    By how much is a matter of (seed, step) alone, and so of epoch and batch. x: 0 to 1, (batch,
    channels, height, width); values stay within 0 to 1.
    """
    calls = augmentation_calls(settings)
    chance = derived_seed(seed, "augment", str(step)) if calls else 0
    for call in calls:
        x = _CHANGES[call.name](x, chance, **call.keywords)
    return x


def warped(
    x: torch.Tensor,
    seed: int,
    *,
    move: float = 0,
    rotate: float = 0,
    zoom: float = 0,
    shear: float = 0,
    flip: str = "never",
    elastic: float = 0,
    width: float = 4,
) -> torch.Tensor:
    """Images (batch, channels, height, width), each moved by up to `move` % of its side, turned and
    leaned by up to so many degrees, scaled by up to `zoom` %, mirrored and bent by chance.

    All at once: each pixel is read from where it comes from, between the four pixels there.
    Outside is 0.
    """
    chance = torch.Generator(x.device).manual_seed(seed)
    # One row a quantity, so that each image keeps its chance when another quantity is changed.
    drawn = 2 * torch.rand(7, len(x), generator=chance, device=x.device) - 1
    angle, lean = drawn[0] * math.radians(rotate), (drawn[1] * math.radians(shear)).tan()
    size = 1 + drawn[2] * zoom / 100
    across, down = drawn[3:5] * (move / 50)  # an image is 2 wide and 2 high
    level = torch.where(drawn[5] < 0, -1.0, 1.0) if flip in ("horizontal", "both") else 1.0
    upright = torch.where(drawn[6] < 0, -1.0, 1.0) if flip in ("vertical", "both") else 1.0
    cosine, sine = angle.cos() / size, angle.sin() / size
    ratio = x.shape[3] / x.shape[2]
    back = torch.stack(  # from where it is seen to where it comes from: (2, 2, batch)
        [
            torch.stack([(cosine + lean * sine) * level, (sine - lean * cosine) * level / ratio]),
            torch.stack([-sine * upright * ratio, cosine * upright]),
        ]
    )
    away = -(back[:, 0] * across + back[:, 1] * down)  # (2, batch)
    theta = torch.cat([back, away[:, None]], 1).permute(2, 0, 1)  # (batch, 2, 3)
    grid = sources(theta, x)
    if elastic:
        grid = grid + bent(x, seed + 1, elastic, width)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def sources(theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Where the pixels of images come from, as in F.affine_grid: (batch, height, width, 2).

    One product for the whole batch, as all images begin with the same places; F.affine_grid makes
    one for each image. theta: (batch, 2, 3).
    """
    height, width = x.shape[2:]
    rows = (2 * torch.arange(height, device=x.device) + 1) / height - 1
    columns = (2 * torch.arange(width, device=x.device) + 1) / width - 1
    places = torch.stack(  # across, down, 1 of each pixel: (3, height, width)
        [
            columns.expand(height, width),
            rows[:, None].expand(height, width),
            x.new_ones(x.shape[2:]),
        ]
    )
    found = theta.reshape(-1, 3) @ places.flatten(1)  # (batch · 2, height · width)
    return found.view(-1, 2, height, width).permute(0, 2, 3, 1)


def bent(x: torch.Tensor, seed: int, strength: float, width: float) -> torch.Tensor:
    """How far the pixels of images are moved where they are bent: (batch, height, width, 2).

    Simard, Steinkraus and Platt (2003): uniform random numbers, smoothed by a Gaussian of so many
    pixels and multiplied by the strength.
    """
    count, _, height, across = x.shape
    chance = torch.Generator(x.device).manual_seed(seed)
    shape = count, 2, across, height
    if x.device.type == "cpu":
        # Eight numbers of a byte from each draw of 64 bits; finer ones are as good as lost in the
        # sum. MPS cannot draw all 64 bits, and other devices draw floats as fast.
        drawn = torch.empty(-(-math.prod(shape) // 8), dtype=torch.int64)
        drawn.random_(-(2**63), None, generator=chance)
        field = drawn.view(torch.uint8)[: math.prod(shape)].view(shape) / 127.5 - 1
    else:
        field = 2 * torch.rand(shape, generator=chance, device=x.device) - 1
    for length in (height, across):  # along each axis, times a matrix of the Gaussian's weights
        place = torch.arange(length, device=x.device)
        weights = torch.exp(-0.5 * ((place[:, None] - place) / width) ** 2)
        field = (field @ (weights / (width * math.sqrt(2 * math.pi)))).transpose(2, 3)
    field = strength * field.transpose(2, 3)  # pixels, across and down
    return torch.stack([field[:, 0] * (2 / across), field[:, 1] * (2 / height)], 3)


def noisy(x: torch.Tensor, seed: int, *, deviation: float) -> torch.Tensor:
    """Images with Gaussian noise of so many percent of the way from black to white."""
    chance = torch.Generator(x.device).manual_seed(seed + 2)
    noise = torch.randn(x.shape, generator=chance, device=x.device)
    return (x + noise * (deviation / 100)).clamp(0, 1)


def erased(x: torch.Tensor, seed: int, *, side: float) -> torch.Tensor:
    """Images with a black square somewhere, of so many percent of the shorter side; at the edge it
    may stand out (DeVries and Taylor, 2017)."""
    count, _, height, width = x.shape
    chance = torch.Generator(x.device).manual_seed(seed + 3)
    drawn = torch.rand(2, count, 1, generator=chance, device=x.device)
    reach = min(height, width) * side / 200
    rows = (torch.arange(height, device=x.device) + 0.5 - drawn[0] * height).abs() < reach
    columns = (torch.arange(width, device=x.device) + 0.5 - drawn[1] * width).abs() < reach
    return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)


_CHANGES: dict[str, Callable[..., torch.Tensor]] = {
    "warped": warped,
    "noisy": noisy,
    "erased": erased,
}
