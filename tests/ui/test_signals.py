"""No class has a signal of the name that its base has given to something else."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

import ui

if TYPE_CHECKING:
    from collections.abc import Iterator


def heirs(of: type) -> Iterator[type]:
    """Every class below one."""
    below: list[type] = of.__subclasses__()
    for heir in below:
        yield heir
        yield from heirs(heir)


def covered(heir: type) -> list[str]:
    """Its names that a base has too, where either of them is a signal: then Qt calls the slots of
    one with the arguments of the other, which ends the program."""
    found = []
    for name, value in vars(heir).items():
        for base in heir.__mro__[1:]:
            other = vars(base).get(name)
            if other is not None and (isinstance(value, Signal) or isinstance(other, Signal)):
                found.append(f"{heir.__module__}.{heir.__name__}.{name}, of {base.__name__}")
    return found


class Parent(QObject):
    """Has a signal."""

    told = Signal(int)


class Child(Parent):
    """Has another one of that name."""

    told = Signal(int, int)


def test_a_signal_that_covers_another_one_is_found() -> None:
    assert len(covered(Child)) == 1
    assert not covered(Parent)


def test_no_signal_covers_another_one() -> None:
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    own = {heir for heir in heirs(QObject) if heir.__module__.startswith("ui.")}
    assert len(own) > 150
    assert not [words for heir in own for words in covered(heir)]
