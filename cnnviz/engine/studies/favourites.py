"""What a map or a unit likes best: of the test images, and of all pictures that there could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnnviz.engine.build import derived_seed
from cnnviz.engine.device import in_order
from cnnviz.engine.probe import at_rest
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Dreamt, Excited
from cnnviz.engine.slices import images_a_slice, outputs_of
from cnnviz.engine.studies.found import NOT_THERE, Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol.studies import Dream, Exciting

RATE = 0.05
"""Of Adam, which climbs; a picture is 0 to 1."""
JITTER = 16
"""The picture is moved by up to its side divided by this: what is seen must not hang on a pixel."""
BLUR_STEPS = 4
"""Every so many steps the picture is blurred a little, against noise that only a network sees."""
STEPS = 400
"""After which a picture hardly changes any more."""
LARGEST_CLIMB = 8
"""Steps between two pictures, however small the network is."""
SHADE = 0.5
NOISE = 0.1


def exciting(subject: Exciting, bench: Bench) -> Work:
    """The test images with the largest value anywhere in the map; told after each slice."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    count = len(data.test_labels)
    best: list[tuple[float, int, int]] = []  # strength, image, place in the map
    done = 0
    for part in torch.split(torch.arange(count, device=bench.device), images_a_slice(model)):
        values = outputs_of(model, data.test_images[part]).get(subject.uid)
        if values is None or subject.number >= values.shape[1]:
            yield Found(note=Text.of(NOT_THERE), done=1)
            return
        strengths, places = values[:, subject.number].reshape(len(part), -1).max(1)
        width = values.shape[3] if values.ndim == 4 else 1
        found = zip(strengths.tolist(), part.tolist(), places.tolist(), strict=True)
        before = best
        best = sorted((*best, *found), key=lambda one: (-one[0], one[1]))[: subject.count]
        done += len(part)
        if best == before and done < count:
            yield Found(None, done / count)
            continue
        chosen = torch.tensor([image for _, image, _ in best], device=bench.device)
        seen = model.sight.fitted(data.test_images[chosen])
        yield Found(
            Excited(
                done,
                data.test_numbers(chosen),
                data.test_labels[chosen].tolist(),
                [strength for strength, _, _ in best],
                [place // width for _, _, place in best],
                [place % width for _, _, place in best],
                Tensor.of("", "", seen.cpu().contiguous().numpy()),
            ),
            done / count,
        )


def dream(subject: Dream, bench: Bench) -> Work:
    """Climb from noise to the picture for which the mean of a map is largest.

    Erhan, Bengio, Courville and Vincent, 2009, with the jitter and the blur of Yosinski et al.,
    2015 and Mordvintsev, Olah and Tyka, 2015. Of a unit its value is climbed; before the softmax,
    because each probability falls where another one rises.
    """
    model = bench.model
    assert model is not None
    generator = torch.Generator().manual_seed(derived_seed(subject.seed, "dream"))
    size = (1, model.input.channels, model.input.height, model.input.width)
    noise = torch.rand(size, generator=generator) - 0.5
    image = (SHADE + NOISE * noise).to(bench.device).requires_grad_()
    optimizer = torch.optim.Adam([image], RATE)
    before: float | None = None
    a_slice = max(1, min(LARGEST_CLIMB, images_a_slice(model) // 3))  # there and back
    for steps in range(1, STEPS + 1):
        strength = _strength(model, image, subject, generator)
        if strength is None:
            yield Found(note=Text.of(NOT_THERE), done=1)
            return
        now = float(strength.detach())
        before = now if before is None else before
        (image.grad,) = torch.autograd.grad(-strength, image)
        optimizer.step()
        with torch.no_grad():
            if steps % BLUR_STEPS == 0:
                image.copy_(_blurred(image))
            image.clamp_(0, 1)
        if steps % a_slice == 0 or steps == STEPS:
            shown = Tensor.of("", "", image.detach()[0].cpu().contiguous().numpy())
            yield Found(Dreamt(steps, shown, now, before), steps / STEPS)


def _strength(
    model: Model, image: torch.Tensor, subject: Dream, generator: torch.Generator
) -> torch.Tensor | None:
    outputs: dict[str, torch.Tensor] = {}
    reach = max(1, min(image.shape[2:]) // JITTER)
    down, right = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
    with at_rest(model), torch.enable_grad():
        moved = model.sight.scaled(torch.roll(image, (down, right), (2, 3)))
        model.logits(in_order(moved), outputs.__setitem__)
    values = outputs.get(subject.uid)  # (1, channels, height, width) or (1, length)
    if values is None or subject.number >= values.shape[1]:
        return None
    return values[0, subject.number].mean()


def _blurred(image: torch.Tensor) -> torch.Tensor:
    """A small binomial blur, 1-2-1 both ways."""
    line = torch.tensor([0.25, 0.5, 0.25], device=image.device)
    kernel = torch.outer(line, line).expand(image.shape[1], 1, 3, 3)
    padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
    return F.conv2d(padded, kernel, groups=image.shape[1])
