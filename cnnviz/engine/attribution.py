"""Why this answer: which pixels, and which regions, made a class win.

All methods explain the logit, because the softmax mixes all classes into each of its values. None
draws a random number; gradients are taken of the image and of maps alone, so that those of the
parameters, and the model itself, stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import torch
from torch.nn import functional as F

from cnnviz.engine.device import in_order
from cnnviz.engine.probe import at_rest, seen
from cnnviz.engine.protocol import Explained, Tensor, Text
from cnnviz.engine.trouble import explain
from cnnviz.layers import Activation
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Explain
    from cnnviz.explain.answers import Method

    Answers = Callable[[Model, Explain, str, Callable[[], int]], Iterator[Explained]]
    """Model, question, device, and the step of the run at each slice."""

SQUARES = 4
"""So many would fit side by side into the shorter side of the input."""
FINER = 3
"""So many places of the square to one of the coarse ones, along each axis."""
SLICE = 200_000_000
"""Multiply-adds of one slice of occlusion: some ten milliseconds, between which others' turn is."""
LARGEST_SLICE = 32
"""Images, however small the network is."""


class Reasons:
    """One explanation, slice by slice, of the model as it is at each of them."""

    def __init__(self, model: Model | None, asked: Explain, device: str) -> None:
        self._asked, self._device = asked, device
        self._step = 0
        self._answers: Iterator[Explained] = iter(())
        if model is not None and model.complete:
            self._answers = _METHODS[asked.method](model, asked, device, lambda: self._step)

    def next(self, *, revision: int, step: int) -> Explained:
        """The answer after one more slice; trouble is told in it, never raised.

        step: of the run; another one means other weights.
        """
        self._step = step
        try:
            answer = next(self._answers, None) or Explained(self._asked.id, self._asked.method)
        except Exception as error:
            answer = Explained(
                self._asked.id, self._asked.method, note=Text.of(explain(error, self._device))
            )
        return msgspec.structs.replace(answer, revision=revision, step=step)


# --- by gradients ----------------------------------------------------------------------------


class _Pass(NamedTuple):
    """A pass of one image, through which gradients can go back."""

    x: torch.Tensor
    """What the network sees: (1, channels, height, width)."""
    logits: torch.Tensor
    """(1, classes)"""
    target: int
    """The class that is explained."""
    outputs: dict[str, torch.Tensor]
    """Of every layer, by uid, in the order in which they were computed."""

    def gradient(self, of: torch.Tensor) -> torch.Tensor:
        """The gradient of the class's logit by `of`; zeros where it does not depend on it."""
        found: tuple[torch.Tensor | None, ...] = torch.autograd.grad(
            self.logits[0, self.target], of, allow_unused=True
        )
        return torch.zeros_like(of) if found[0] is None else found[0]


def _forward(
    model: Model, asked: Explain, device: str, *, guided: frozenset[str] = frozenset()
) -> _Pass:
    """guided: layers that let only positive gradients through, on their way back."""
    outputs: dict[str, torch.Tensor] = {}

    def see(uid: str, values: torch.Tensor) -> None:
        outputs[uid] = values
        if uid in guided:  # a hook of this one tensor, which is gone with it
            values.register_hook(_only_positive)  # type: ignore[no-untyped-call]

    x = in_order(seen(model, asked, device))
    x.requires_grad_()
    logits = model.logits(x, see)
    return _Pass(x, logits, _target(asked, logits[0]), outputs)


def _only_positive(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.clamp(min=0)


def _target(asked: Explain, logits: torch.Tensor) -> int:
    if asked.target is None or asked.target >= len(logits):
        return int(logits.argmax())
    return asked.target


def _answer(asked: Explain, done: _Pass, values: torch.Tensor) -> Explained:
    """values: (height, width)"""
    tensor = Tensor.of("", "", values.detach().float().cpu().numpy())
    logits = done.logits[0].tolist()
    return Explained(
        asked.id,
        asked.method,
        shape=tensor.shape,
        data=tensor.data,
        target=done.target,
        logits=logits,
    )


def _saliency(model: Model, asked: Explain, device: str) -> Explained:
    """Simonyan, Vedaldi and Zisserman, 2013: |∂ logit / ∂ pixel|, of all channels the largest."""
    done = _forward(model, asked, device)
    return _answer(asked, done, done.gradient(done.x)[0].abs().amax(0))


def _input_gradient(model: Model, asked: Explain, device: str) -> Explained:
    """pixel · ∂ logit / ∂ pixel, added over the channels."""
    done = _forward(model, asked, device)
    return _answer(asked, done, (done.x * done.gradient(done.x))[0].sum(0))


def _guided(model: Model, asked: Explain, device: str) -> Explained:
    """Springenberg et al., 2014: a ReLU lets a gradient through where both its input and the
    gradient are positive; added over the channels."""
    relus = frozenset(
        row.layer.uid
        for row in model.layers
        if isinstance(row.layer, Activation) and row.layer.function == "relu"
    )
    done = _forward(model, asked, device, guided=relus)
    answer = _answer(asked, done, done.gradient(done.x)[0].sum(0))
    if relus:
        return answer
    note = Message("There is no ReLU in this network, so this is the plain gradient.")
    return msgspec.structs.replace(answer, note=Text.of(note))


def _grad_cam(model: Model, asked: Explain, device: str) -> Explained:
    """Selvaraju et al., 2017: relu(Σ α·A) over the maps A of a layer, where α is the mean of
    ∂ logit / ∂ A over a map; enlarged to the input, bilinearly."""
    done = _forward(model, asked, device)
    uid = asked.uid or _last_with_maps(done.outputs)
    maps = done.outputs.get(uid)  # (1, channels, height, width)
    if maps is None or maps.ndim != 4:
        note = Message("No layer of this network has maps, so there is nothing to weigh.")
        if asked.uid:
            note = Message("This layer gives no maps. Choose one that does.")
        logits = done.logits[0].tolist()
        return Explained(
            asked.id, asked.method, target=done.target, logits=logits, note=Text.of(note)
        )
    shares = done.gradient(maps).mean((2, 3), keepdim=True)  # (1, channels, 1, 1)
    regions = (shares * maps).sum(1, keepdim=True).relu()  # (1, 1, height, width)
    size = (int(done.x.shape[2]), int(done.x.shape[3]))
    large = F.interpolate(regions.contiguous(), size, mode="bilinear", align_corners=False)
    answer = _answer(asked, done, large[0, 0])
    return msgspec.structs.replace(answer, uid=uid, cells=tuple(maps.shape[2:]))


def _last_with_maps(outputs: dict[str, torch.Tensor]) -> str:
    """Maps of a single value say nothing about places."""
    found = [uid for uid, y in outputs.items() if y.ndim == 4 and y.shape[2] * y.shape[3] > 1]
    return found[-1] if found else ""


def _at_once(method: Callable[[Model, Explain, str], Explained]) -> Answers:
    """A method of a single slice."""

    def answers(
        model: Model, asked: Explain, device: str, _: Callable[[], int]
    ) -> Iterator[Explained]:
        with at_rest(model), torch.enable_grad():
            answer = method(model, asked, device)
        yield answer

    return answers


# --- by trying it out ------------------------------------------------------------------------


def _occlusion(
    model: Model, asked: Explain, device: str, step: Callable[[], int]
) -> Iterator[Explained]:
    """Zeiler and Fergus, 2013; the coarse places first, so that the whole image can soon be seen.
    Where a run goes on meanwhile, each slice measures the bare image as well, so that both are by
    the same weights."""
    x = seen(model, asked, device)  # (1, channels, height, width)
    height, width = x.shape[2:]
    side = max(1, round(min(height, width) / SQUARES))
    places = _places(height, width, side)
    grey = sum(model.sight.range) / 2  # of the square: midway between black and white
    falls = torch.zeros(height, width)
    covered = torch.zeros(height, width)
    count = max(1, min(LARGEST_SLICE, SLICE // max(1, model.multiply_adds)))
    bare, measured = torch.empty(0), -1  # the logits without a square, and at which step
    target: int | None = None
    shares: list[float] = []
    for first in range(0, len(places), count):
        now = places[first : first + count]
        anew = int(step() != measured)
        images = x.repeat(anew + len(now), 1, 1, 1)
        for image, (top, left) in zip(images[anew:], now, strict=True):
            image[:, top : top + side, left : left + side] = grey
        with at_rest(model), torch.inference_mode():
            logits = model(in_order(images)).cpu()
        if anew:
            bare, measured = logits[0], step()
        target = _target(asked, bare) if target is None else target
        shares += logits[anew:].softmax(1)[:, target].tolist()
        for (top, left), fall in zip(now, bare[target] - logits[anew:, target], strict=True):
            falls[top : top + side, left : left + side] += fall
            covered[top : top + side, left : left + side] += 1
        yield Explained(
            asked.id,
            asked.method,
            shape=(height, width),
            data=Tensor.of("", "", (falls / covered.clamp(min=1)).numpy()).data,
            target=target,
            logits=bare.tolist(),
            side=side,
            tops=[top for top, _ in places[: len(shares)]],
            lefts=[left for _, left in places[: len(shares)]],
            shares=shares.copy(),
            done=(first + len(now)) / len(places),
        )


def _places(height: int, width: int, side: int) -> list[tuple[int, int]]:
    """Where the square stands (top, left): first so that it covers every pixel with as few places
    as it can, then where it has not been, about a third of its side apart."""
    rows, columns = _starts(height, side), _starts(width, side)
    coarse = [(top, left) for top in rows[::FINER] for left in columns[::FINER]]
    return list(dict.fromkeys([*coarse, *((top, left) for top in rows for left in columns)]))


def _starts(length: int, side: int) -> list[int]:
    """Along an axis, from one end to the other, evenly; every third alone leaves no gaps."""
    parts = FINER * (-(-length // side) - 1)
    return [round(part * (length - side) / max(1, parts)) for part in range(parts + 1)]


_METHODS: dict[Method, Answers] = {
    "saliency": _at_once(_saliency),
    "input_gradient": _at_once(_input_gradient),
    "grad_cam": _at_once(_grad_cam),
    "guided": _at_once(_guided),
    "occlusion": _occlusion,
}
