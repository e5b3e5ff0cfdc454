"""From a report to a PyTorch model, with weights that belong to layers and not to places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from cnnviz.engine import modules
from cnnviz.engine.branch_threads import Branch, can_part, in_order_of, part
from cnnviz.engine.device import order_on
from cnnviz.engine.quick import pools_first
from cnnviz.engine.quick_modules import QUICK, SquashedSubsampling
from cnnviz.engine.sight import Sight
from cnnviz.layers import Activation, Branches, enabled
from cnnviz.training import LEAST_APART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

    from cnnviz.analysis import Report, Row, TensorKey
    from cnnviz.layers import Call, Layer


See = Callable[[str, torch.Tensor], None]
"""Is handed the uid and the output of each layer, as soon as it is there."""

Read = Callable[[str, int, torch.Tensor], torch.Tensor]
"""Is handed the uid of a layer, which of its inputs is read, and that; what it returns is read.

A block reads its input (−1), at its fork branch n reads that (−2 − n), and at its merge it reads
the end of branch n (n)."""


class _Step(NamedTuple):
    """A layer and the modules that do it."""

    uid: str
    block: nn.Sequential


class _Fork(NamedTuple):
    """Branches and their merge; none where a problem in one of them leaves nothing to merge."""

    uid: str
    branches: tuple[tuple[_Step | _Fork, ...], ...]
    merge: Callable[[list[torch.Tensor]], torch.Tensor] | None


class Model(nn.Module):
    """The layers of a network that work: a block of modules for each, in the order of the rows."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.input = report.network.input
        self.sight = Sight(self.input)
        """How images come to be what it sees; another one where they are prepared otherwise."""
        self.multiply_adds = report.multiply_adds
        self.rows: tuple[Row, ...] = tuple(
            row for row in report.rows if row.output is not None and not row.off
        )
        """Of all layers that work and are enabled, Branches among them."""
        self.complete = report.problem is None
        """Whether the whole network works, so that it has an answer and can be trained."""
        self.layers: list[Row] = []
        """The rows that have a block in `blocks`: all but Branches."""
        self.blocks: list[nn.Sequential] = []
        self._chain = self._made(report, report.network.layers)
        self._quick = _quickened(self._chain)
        last = report.network.last
        self.ends_in_softmax = isinstance(last, Activation) and last.function == "softmax"
        self.ensemble = report.network.ensemble
        """The branches that give the answer together, if some do."""

    def _made(self, report: Report, layers: Sequence[Layer]) -> tuple[_Step | _Fork, ...]:
        """The steps of a chain, as far as it works."""
        steps: list[_Step | _Fork] = []
        for layer in enabled(layers):
            row = report.row(layer.uid)
            if isinstance(layer, Branches):
                branches = tuple(self._made(report, branch) for branch in layer.branches)
                merge = None if row.output is None else getattr(modules, layer.module).merge
                steps.append(_Fork(layer.uid, branches, merge))
            elif row.input is not None and row.output is not None:
                block = nn.Sequential(*map(_module, layer.torch_calls(row.input)))
                self.add_module(row.path, block)
                self.layers.append(row)
                self.blocks.append(block)
                steps.append(_Step(layer.uid, block))
            if row.output is None:
                break
        return tuple(steps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of images (batch, channels, height, width): a softmax at the end is left to the
        loss, which is steadier with both in one."""
        return _answer(self._answering, x)

    @property
    def _answering(self) -> tuple[_Step | _Fork, ...]:
        """What gives logits."""
        return self._quick[:-1] if self.ends_in_softmax else self._quick

    def apart(self, x: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Logits of images (batch, channels, height, width), each by one branch alone of those that
        are added at the end: image n of a batch by branch n modulo their number.

        Where there are no such branches, or not two images for each (which batch norm needs), it is
        what `forward` gives. first: which image of the batch these begin with.
        """
        *before, last = self._answering
        if self.ensemble is None or not isinstance(last, _Fork):
            return self.forward(x)
        ways = len(last.branches)
        if len(x) < LEAST_APART * ways:
            return self.forward(x)
        x = _answer(before, x)
        shares = [slice((number - first) % ways, None, ways) for number in range(ways)]
        branches = [
            Branch(partial(_answer, branch), tuple(_modules(branch))) for branch in last.branches
        ]
        if self.training and x.device.type == "cpu" and can_part(branches):
            return part(x, branches, shares)
        ends = [branch.go(x[share]) for branch, share in zip(branches, shares, strict=True)]
        return in_order_of(shares, ends)

    def look(self, x: torch.Tensor, see: See) -> torch.Tensor | None:
        """The output, a softmax at the end included, while `see` is handed that of every layer.

        None where branches have nothing to merge.
        """
        return _run(self._chain, x, see)

    def logits(self, x: torch.Tensor, see: See, read: Read | None = None) -> torch.Tensor:
        """What `forward` gives, with every layer run as it stands and shown to `see`.

        read: stands between a layer and what it reads.
        """
        y = _run(self._chain[:-1] if self.ends_in_softmax else self._chain, x, see, read)
        if y is None:
            raise ValueError("a network with a problem has no answer")
        return y

    def tensors(self) -> Iterator[tuple[TensorKey, torch.Tensor]]:
        """Every tensor that is learned or kept, by what it is known by."""
        for row, block in zip(self.layers, self.blocks, strict=True):
            for name, shape in row.tensors.items():
                yield (row.layer.uid, name, shape), getattr(block[-1], name)


def _modules(chain: Sequence[_Step | _Fork]) -> Iterator[nn.Module]:
    """All modules of a chain."""
    for step in chain:
        if isinstance(step, _Step):
            yield from step.block.modules()
        else:
            for branch in step.branches:
                yield from _modules(branch)


def _quickened(chain: tuple[_Step | _Fork, ...]) -> tuple[_Step | _Fork, ...]:
    """The chain in the order that gives the same result the soonest."""
    steps: list[_Step | _Fork] = []
    together: list[_Step] = []

    def close() -> None:
        order = pools_first([step.block for step in together])
        steps.extend(_joined([together[place] for place in order]))
        together.clear()

    for step in chain:
        if isinstance(step, _Step):
            together.append(step)
        else:
            close()
            steps.append(step._replace(branches=tuple(map(_quickened, step.branches))))
    close()
    return tuple(steps)


def _joined(steps: list[_Step]) -> list[_Step]:
    """Neighbours that are quicker together as one step."""
    found: list[_Step] = []
    for step in steps:
        both = SquashedSubsampling.of(found[-1].block, step.block) if found else None
        if both is None:
            found.append(step)
        else:
            found[-1] = _Step(step.uid, both)
    return found


def _run(
    chain: Sequence[_Step | _Fork], x: torch.Tensor, see: See | None, read: Read | None = None
) -> torch.Tensor | None:
    for step in chain:
        if isinstance(step, _Step):
            x = step.block(x if read is None else read(step.uid, 0, x))
        else:
            x = x if read is None else read(step.uid, -1, x)
            ends = [
                _run(branch, x if read is None else read(step.uid, -2 - n, x), see, read)
                for n, branch in enumerate(step.branches)
            ]
            if step.merge is None:
                return None
            if read is not None:
                ends = [None if y is None else read(step.uid, n, y) for n, y in enumerate(ends)]
            x = step.merge([end for end in ends if end is not None])
        if see is not None:
            see(step.uid, x)
    return x


def _answer(chain: Sequence[_Step | _Fork], x: torch.Tensor) -> torch.Tensor:
    y = _run(chain, x, None)
    if y is None:
        raise ValueError("a network with a problem has no answer")
    return y


def build(
    report: Report,
    weights: Mapping[TensorKey, np.ndarray],
    seed: int,
    *,
    device: torch.device | str = "cpu",
    keep: Mapping[TensorKey, torch.Tensor] | None = None,
) -> Model:
    """Build the part of a network that works, on a device, in float32, ready to be looked at.

    A tensor comes from `keep` (live tensors of the model before), else from `weights`, else from
    the seed: its start depends on nothing but (seed, uid, name), so that no edit of another layer
    changes it.
    """
    with torch.device("meta"):  # nothing is allocated or drawn that is overwritten at once
        model = Model(report)
    model.to_empty(device=device)
    keep = keep or {}
    with torch.no_grad():
        for row, block in zip(model.layers, model.blocks, strict=True):
            for name, shape in row.tensors.items():
                key = (row.layer.uid, name, shape)
                if key in keep:
                    value = keep[key].detach()
                elif key in weights:
                    value = torch.from_numpy(weights[key].copy())
                else:
                    value = initial(row, name, seed)
                getattr(block[-1], name).copy_(value)
            block.requires_grad_(not row.layer.frozen)
            counter = getattr(block[-1], "num_batches_tracked", None)
            if counter is not None:
                counter.zero_()
    model.to(memory_format=order_on(device))  # type: ignore[call-overload]
    return model.eval()


def initial(row: Row, name: str, seed: int) -> torch.Tensor:
    """The value that a tensor starts from, as its layer says, drawn from the tensor's own seed."""
    shape = row.tensors[name]
    if row.input is None:
        raise ValueError("a layer that waits has no tensors")
    start = row.layer.start(name, row.input)
    if start.kind == "constant":
        numbers = torch.tensor(start.numbers)
        return numbers.repeat(prod(shape) // len(numbers)).reshape(shape)
    generator = torch.Generator().manual_seed(derived_seed(seed, row.layer.uid, name))
    spread = start.numbers[0]
    values = torch.empty(shape)
    if start.kind == "uniform":
        return values.uniform_(-spread, spread, generator=generator)
    return values.normal_(0, spread, generator=generator)


def derived_seed(seed: int, *names: str) -> int:
    """A seed of its own for each purpose, the same on every machine."""
    text = "\0".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


def _module(call: Call) -> nn.Module:
    room: object = nn if call.name.startswith("nn.") else modules
    constructor: Callable[..., nn.Module] = getattr(room, call.name.removeprefix("nn."))
    constructor = QUICK.get(call.name, constructor)
    module = constructor(*call.positional, **call.keywords)
    if isinstance(module, nn.GroupNorm):
        module.register_forward_pre_hook(_contiguous)
    return module


def _contiguous(_: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    """PyTorch's CPU kernel crashes the process on its way back where a group norm has read an input
    in channels_last order that needs no gradient, such as the image (2.13; also issue 115940)."""
    return (inputs[0].contiguous(),)
