"""Which tensor of a file belongs to which tensor of a network, and why the others do not."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from cnnviz.alignment import align
from cnnviz.importing.tensor_file import READABLE, TensorFile
from cnnviz.importing.torchvision_names import RULES
from cnnviz.message import Message, UserError
from cnnviz.tensors import Stored
from cnnviz.transfer import without_normaliser

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    import numpy as np

    from cnnviz.analysis import Report, TensorKey

Way = Literal["own", "torchvision", "order"]

_COUNTERS = "num_batches_tracked"
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
"""The names in the files of 2017, which torchvision mends in the same way when it reads them."""
_PREFIXES = ("module.", "model.", "backbone.", "net.", "encoder.")
"""What wrappers put before every name."""


class Match(Struct, frozen=True):
    """A tensor of the network and the one of the file that it is to take."""

    key: TensorKey
    tensor: Stored


class Miss(Struct, frozen=True):
    """A tensor of the network, or of the file, that is left alone, and why."""

    name: str
    shape: tuple[int, ...]
    reason: Message
    uid: str = ""
    """The layer that it belongs to; "" for a tensor of the file."""


class Matching(Struct, frozen=True):
    """What an import would do. `way` says what the tensors were told apart by."""

    file: TensorFile
    way: Way
    family: str
    """Of torchvision's, where its names were found."""
    matches: tuple[Match, ...]
    missing: tuple[Miss, ...]
    """Tensors of the network that stay as they are."""
    unused: tuple[Miss, ...]
    """Tensors of the file that find no place."""

    @property
    def said(self) -> Message:
        """By what the tensors were told apart, in a sentence."""
        match self.way:
            case "own":
                return Message("The names in the file match this network.")
            case "torchvision":
                return Message("The file has torchvision's names ({family}).", family=self.family)
            case "order":
                return Message("The names are unknown; order and shape decide.")

    @property
    def values(self) -> int:
        """How many numbers would be taken over."""
        return sum(match.tensor.size for match in self.matches)

    def read(self) -> Iterator[tuple[TensorKey, np.ndarray]]:
        """The tensors of the network with their new values, one by one. Raises UserError."""
        for match in self.matches:
            yield match.key, self.file.read(match.tensor)


def match(report: Report, file: TensorFile) -> Matching:
    """Find the place of each tensor: by our own names, by torchvision's, or by order and shape.

    The way that places most is taken, and of equals the one that is named first here.

    Raises:
        UserError: nothing in the file fits the network.
    """
    named = _by_their_names(file)
    network = without_normaliser(report.network)
    own = {row.layer.uid: row.layer.uid for row in report.rows}
    found: list[tuple[Way, str, dict[TensorKey, Stored]]] = [
        ("own", "", _by_name(report, own, named))
    ]
    found += [
        ("torchvision", family, _by_name(report, rule(network), named))
        for family, rule in RULES.items()
    ]
    found.append(("order", "", _by_order(report, file.tensors)))
    way, family, placed = max(found, key=lambda one: len(one[2]))  # the first of equals
    if not placed:
        raise UserError(
            Message(
                "None of the {n:,} tensors in {file} fits the network. Open the network that the "
                "file is for, such as one of the known networks, and import it there.",
                n=len(file.tensors),
                file=file.path.name,
            )
        )
    expected = RULES[family](network) if family else own if way == "own" else {}
    taken = {tensor.name for tensor in placed.values()}
    return Matching(
        file,
        way,
        family,
        tuple(Match(key, tensor) for key, tensor in placed.items()),
        tuple(_missing(report, placed, expected, named)),
        tuple(_unused(file.tensors, taken)),
    )


def _by_their_names(file: TensorFile) -> Mapping[str, Stored]:
    """The tensors by name, without what a wrapper has put before all of them."""
    names = [tensor.name for tensor in file.tensors]
    prefix = next((p for p in _PREFIXES if names and all(n.startswith(p) for n in names)), "")
    return {
        _OLD_DENSENET.sub(r"\1\2.", tensor.name.removeprefix(prefix)): tensor
        for tensor in file.tensors
    }


def _by_name(
    report: Report, layers: Mapping[str, str], named: Mapping[str, Stored]
) -> dict[TensorKey, Stored]:
    """layers: uid -> name of the layer in the file."""
    placed = {}
    for key in report.tensor_keys():
        uid, name, shape = key
        tensor = named.get(f"{layers.get(uid, '')}.{name}")
        if tensor is not None and tensor.shape == shape and tensor.dtype in READABLE:
            placed[key] = tensor
    return placed


def _by_order(report: Report, tensors: Sequence[Stored]) -> dict[TensorKey, Stored]:
    """Layer by layer. Files sort tensors by name, so "bn1" may come before "conv1".

    What is as often on both sides goes together in its own order; of the rest what follows in the
    same order, first with all tensors alike, then with the same weights.
    """
    modules: dict[str, dict[str, Stored]] = {}
    for tensor in tensors:
        module, _, name = tensor.name.rpartition(".")
        if tensor.dtype in READABLE:
            modules.setdefault(module, {})[name] = tensor
    theirs = list(modules.values())
    ours = [row for row in report.rows if row.tensors]
    mine: list[Hashable] = [tuple(sorted(row.tensors.items())) for row in ours]
    given: list[Hashable] = [tuple(sorted((n, t.shape) for n, t in one.items())) for one in theirs]
    counts, others = Counter(mine), Counter(given)
    pairs: list[tuple[int, int]] = []
    for kind in counts:
        if counts[kind] == others[kind]:
            places = ([i for i, k in enumerate(side) if k == kind] for side in (mine, given))
            pairs += zip(*places, strict=True)
    left = [i for i in range(len(ours)) if counts[mine[i]] != others[mine[i]]]
    right = [j for j in range(len(theirs)) if counts[given[j]] != others[given[j]]]
    levels: list[tuple[Sequence[Hashable], Sequence[Hashable]]] = [
        ([mine[i] for i in left], [given[j] for j in right]),
        (
            [ours[i].tensors.get("weight", i) for i in left],
            [theirs[j]["weight"].shape if "weight" in theirs[j] else None for j in right],
        ),
    ]
    pairs += [(left[i], right[j]) for i, j in align(levels) if i is not None and j is not None]
    return {
        (ours[i].layer.uid, name, shape): theirs[j][name]
        for i, j in sorted(pairs)
        for name, shape in ours[i].tensors.items()
        if name in theirs[j] and theirs[j][name].shape == shape
    }


def _missing(
    report: Report,
    placed: Mapping[TensorKey, Stored],
    expected: Mapping[str, str],
    named: Mapping[str, Stored],
) -> Iterator[Miss]:
    for key in report.tensor_keys():
        if key in placed:
            continue
        uid, name, shape = key
        wanted = f"{expected[uid]}.{name}" if uid in expected else ""
        there = named.get(wanted)
        if there is None:
            reason = (
                Message("the file has no {name}", name=wanted)
                if wanted
                else Message("nothing in the file has this place and shape")
            )
        elif there.dtype not in READABLE:
            reason = Message("{name} holds no decimal numbers", name=wanted)
        else:
            reason = Message("{name} has the shape {shape}", name=wanted, shape=sizes(there.shape))
        yield Miss(name, shape, reason, uid)


def _unused(tensors: Sequence[Stored], taken: set[str]) -> Iterator[Miss]:
    for tensor in tensors:
        if tensor.name in taken or tensor.name.rpartition(".")[2] == _COUNTERS:
            continue
        reason = (
            Message("no layer of the network takes it")
            if tensor.dtype in READABLE
            else Message("its numbers are of the type {dtype}", dtype=tensor.dtype)
        )
        yield Miss(tensor.name, tensor.shape, reason)


def sizes(shape: Sequence[int]) -> str:
    """A tensor's shape as people write it."""
    return "×".join(map(str, shape)) or "1"
