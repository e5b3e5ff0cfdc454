"""The data sets that the program knows by name, and what is known of each without its files."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnnviz.data.class_names import (
    CIFAR_10,
    CIFAR_100,
    EDGES,
    FASHION,
    SHAPES,
    TWO_INPUTS,
    as_written,
)
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is known of a data set without opening its files.

    name: its key in projects and on the command line, and the name of its folder.
    about: one sentence for who does not know it.
    names: its classes, in words that can be translated; `classes` has them in English.
    handwritten: whether it holds strokes that lie in the middle as MNIST's do, so that a drawing is
        made alike.
    package: what its files come in (`cnnviz.data.published`); "" where nothing must be fetched.
    """

    name: str
    title: Message
    about: Message
    names: tuple[Message, ...]
    height: int
    width: int
    channels: int
    train_count: int
    test_count: int
    source: str
    licence: Message
    handwritten: bool = False
    package: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in English, in the order of their labels."""
        return tuple(map(str, self.names))


_NONE_STATED = Message("its makers state none")
_EMNIST_SOURCE = "Gregory Cohen, Saeed Afshar, Jonathan Tapson, André van Schaik; NIST SD 19"
_EMNIST_LICENCE = Message("none stated; NIST Special Database 19 is in the public domain")
_CIFAR_SOURCE = "Alex Krizhevsky, Vinod Nair, Geoffrey Hinton"
_OURS = Message("free to use in any way (CC0)")


def _emnist(
    split: str, title: Message, about: Message, classes: str, train_count: int, test_count: int
) -> DataSet:
    return DataSet(
        name=f"emnist_{split}",
        title=title,
        about=about,
        names=as_written(classes),
        height=28,
        width=28,
        channels=1,
        train_count=train_count,
        test_count=test_count,
        source=_EMNIST_SOURCE,
        licence=_EMNIST_LICENCE,
        handwritten=True,
        package="emnist",
    )


def _cifar(name: str, title: Message, about: Message, names: tuple[Message, ...]) -> DataSet:
    return DataSet(
        name=name,
        title=title,
        about=about,
        names=names,
        height=32,
        width=32,
        channels=3,
        train_count=50_000,
        test_count=10_000,
        source=_CIFAR_SOURCE,
        licence=_NONE_STATED,
        package=name,
    )


def _toy(name: str, title: Message, about: Message, names: tuple[Message, ...]) -> DataSet:
    return DataSet(
        name=name,
        title=title,
        about=about,
        names=names,
        height=28,
        width=28,
        channels=1,
        train_count=4_000,
        test_count=1_000,
        source="CNNviz",
        licence=_OURS,
    )


_ALL = (
    DataSet(
        name="mnist",
        title=Message("MNIST"),
        about=Message("Handwritten digits: the data set that everybody starts with."),
        names=as_written("0123456789"),
        height=28,
        width=28,
        channels=1,
        train_count=60_000,
        test_count=10_000,
        source="Yann LeCun, Corinna Cortes, Christopher J. C. Burges",
        licence=Message("CC BY-SA 3.0"),
        handwritten=True,
    ),
    _toy(
        "toy_shapes",
        Message("Bars, crosses and circles"),
        Message("Four simple shapes, made on the spot; learned in a second or two."),
        SHAPES,
    ),
    _toy(
        "toy_edges",
        Message("Oriented edges"),
        Message("Edges between dark and light in four directions, made on the spot."),
        EDGES,
    ),
    DataSet(
        name="toy_two_inputs",
        title=Message("Two inputs, exclusive or"),
        about=Message("The four points of exclusive or, small enough for pencil and paper."),
        names=TWO_INPUTS,
        height=1,
        width=2,
        channels=1,
        train_count=4,
        test_count=4,
        source="CNNviz",
        licence=_OURS,
    ),
    DataSet(
        name="fashion_mnist",
        title=Message("Fashion-MNIST"),
        about=Message("Clothes and shoes, as large as MNIST and harder."),
        names=FASHION,
        height=28,
        width=28,
        channels=1,
        train_count=60_000,
        test_count=10_000,
        source="Han Xiao, Kashif Rasul, Roland Vollgraf; Zalando Research",
        licence=Message("MIT"),
        package="fashion_mnist",
    ),
    DataSet(
        name="kmnist",
        title=Message("KMNIST"),
        about=Message("Ten characters of old Japanese handwriting (Kuzushiji)."),
        names=as_written("おきすつなはまやれを"),
        height=28,
        width=28,
        channels=1,
        train_count=60_000,
        test_count=10_000,
        source="Center for Open Data in the Humanities (CODH), doi:10.20676/00000341",
        licence=Message("CC BY-SA 4.0"),
        package="kmnist",
    ),
    _emnist(
        "balanced",
        Message("EMNIST balanced"),
        Message("Handwritten digits and letters, as many of each class."),
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt",
        112_800,
        18_800,
    ),
    _emnist(
        "letters",
        Message("EMNIST letters"),
        Message("Handwritten letters, capital and small ones in one class."),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        124_800,
        20_800,
    ),
    _emnist(
        "digits",
        Message("EMNIST digits"),
        Message("Handwritten digits, four times as many as MNIST has."),
        "0123456789",
        240_000,
        40_000,
    ),
    _cifar(
        "cifar10",
        Message("CIFAR-10"),
        Message("Small colour photos of animals and vehicles."),
        CIFAR_10,
    ),
    _cifar(
        "cifar100",
        Message("CIFAR-100"),
        Message("Small colour photos of a hundred kinds of things."),
        CIFAR_100,
    ),
)

DATA_SETS: Mapping[str, DataSet] = MappingProxyType({known.name: known for known in _ALL})


def key_of(words: str) -> str:
    """The key of the data set that somebody calls so: "Fashion-MNIST" is "fashion_mnist", and
    "CIFAR-10" is "cifar10". What is the name of none comes back as it is."""
    return next((name for name in DATA_SETS if _letters(name) == _letters(words)), words)


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words.lower()))
