"""A folder of pictures with a folder for each class: what a project knows of it, and what is in it.

pictures/cat/*.jpg, pictures/dog/*.jpg …        a sixth of each class becomes test images
pictures/train/cat/*.jpg, pictures/test/cat/*.jpg …        parted as the folder is
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from cnnviz.atomic import unreadable
from cnnviz.data.errors import AbsentError, DataError
from cnnviz.message import Message, listed

if TYPE_CHECKING:
    from collections.abc import Generator

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
)
MAX_CLASSES = 256
"""Labels are bytes."""
MAX_FILES = 1_000_000
LARGEST_SIDE = 512
TEST_PART = 6
"""Where the folder is not parted into training and test images, one in so many is for the test."""

Part = Literal["train", "test"]
_PART_FOLDERS: dict[Part, tuple[str, ...]] = {
    "train": ("train", "training"),
    "test": ("test", "testing", "val", "valid", "validation"),
}
_STEP_FILES = 500

Side = Annotated[int, Meta(ge=1, le=LARGEST_SIDE)]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Count = Annotated[int, Meta(ge=0, le=MAX_FILES)]


class ImageFolder(Struct, frozen=True, forbid_unknown_fields=True):
    """A data set of a person's own pictures, as a project names it.

    All that a network needs to know is here, so that a project opens where the folder is missing.
    height, width, channels: what each picture is made into; 1 channel is grey, 3 are colours.
    train_count, test_count: pictures when the folder was chosen.
    """

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    height: Side
    width: Side
    channels: Literal[1, 3]
    classes: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_CLASSES)]
    train_count: Count = 0
    test_count: Count = 0

    @property
    def title(self) -> str:
        """The folder's own name."""
        return Path(self.path).name or self.path


class Picture(NamedTuple):
    """A file of a class: its path inside the folder, its label, and what tells a change of it."""

    name: str
    label: int
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder, found without opening a picture.

    classes: folders with pictures, in the order of their names. empty: folders without any.
    parted: whether the folder itself says which pictures are for the test.
    """

    classes: tuple[str, ...]
    train: tuple[Picture, ...]
    test: tuple[Picture, ...]
    empty: tuple[str, ...]
    parted: bool

    def part(self, part: Part) -> tuple[Picture, ...]:
        """The pictures of one part."""
        return self.train if part == "train" else self.test


def image_folder(
    path: Path, height: int, width: int, channels: int
) -> tuple[ImageFolder, Message | None]:
    """A folder as a project names it, found out at once; and what is to be said of it.

    Raises DataError as `list_steps` does.
    """
    steps = list_steps(path)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return chosen(path, end.value, height, width, channels)


def chosen(
    path: Path, listing: Listing, height: int, width: int, channels: int
) -> tuple[ImageFolder, Message | None]:
    """A folder that has been gone through, as a project names it; and what is to be said of it."""
    folder = ImageFolder(
        path=str(path.absolute()),
        height=min(height, LARGEST_SIDE),
        width=min(width, LARGEST_SIDE),
        channels=1 if channels == 1 else 3,
        classes=listing.classes,
        train_count=len(listing.train),
        test_count=len(listing.test),
    )
    note = None
    if listing.empty:
        note = Message(
            "Folders without pictures were left out ({names}).", names=listed(listing.empty[:5])
        )
    return folder, note


def absent_folder(path: str) -> AbsentError:
    """What to raise where a folder is missing."""
    return AbsentError(
        Message("The folder {folder} is not there. Choose it again in the menu Data.", folder=path)
    )


def list_steps(path: Path, classes: tuple[str, ...] | None = None) -> Generator[int, None, Listing]:
    """Go through a folder; yields how many files have been seen so far, now and then.

    classes: take these, in this order, whatever else is there; None takes all that have pictures.

    Raises DataError where there is no such folder, it cannot be read, has more than MAX_FILES files
    or MAX_CLASSES classes, or nothing in it could be told apart: fewer than two classes.
    """
    try:
        if not path.is_dir():
            raise absent_folder(str(path))
        parts = _part_folders(path)
        parted = parts["train"] is not None and parts["test"] is not None
        found: dict[Part, dict[str, list[Picture]]] = {"train": {}, "test": {}}
        if not parted:
            parts = {"train": path, "test": None}
        for part, root in parts.items():
            if root is not None:
                before = sum(map(len, found["train"].values()))
                found[part] = yield from _classes_steps(path, root, before)
    except OSError as error:
        raise DataError(unreadable(path, error)) from error
    names = _named({*found["train"], *found["test"]}, path, found, classes)
    seen = sum(len(pictures) for part in found.values() for pictures in part.values())
    if not parted:
        for name in found["train"]:
            _part_by_name(found, name)
            yield seen
    both: dict[Part, list[Picture]] = {"train": [], "test": []}
    for label, name in enumerate(names):
        for part, pictures in both.items():
            pictures += [each._replace(label=label) for each in found[part].get(name, ())]
            yield seen
    train, test = tuple(both["train"]), tuple(both["test"])
    full = {name for part in found.values() for name, pictures in part.items() if pictures}
    empty = sorted({*found["train"], *found["test"], *names} - full)
    return Listing(names, train, test, tuple(empty), parted)


def _part_folders(path: Path) -> dict[Part, Path | None]:
    with os.scandir(path) as entries:
        there = {entry.name.lower(): entry.path for entry in entries if entry.is_dir()}
    return {
        part: next((Path(there[name]) for name in names if name in there), None)
        for part, names in _PART_FOLDERS.items()
    }


def _classes_steps(
    top: Path, root: Path, seen: int
) -> Generator[int, None, dict[str, list[Picture]]]:
    found: dict[str, list[Picture]] = {}
    with os.scandir(root) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.is_dir() and not entry.name.startswith("."):
            pictures: list[Picture] = []
            for each in _pictures(len(str(top)) + 1, entry.path):
                pictures.append(each)
                seen += 1
                if seen > MAX_FILES:
                    raise DataError(
                        Message(
                            "{folder} holds more than {limit:,} pictures. Choose a smaller folder.",
                            folder=str(top),
                            limit=MAX_FILES,
                        )
                    )
                if seen % _STEP_FILES == 0:
                    yield seen
            found[entry.name] = sorted(pictures)
    yield seen
    return found


def _pictures(begin: int, folder: str) -> Generator[Picture, None, None]:
    """The pictures in a folder at any depth; links to other folders are not followed.

    begin: where the name inside the top folder begins in a path. Paths are plain text here, because
    there may be a hundred thousand.
    """
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _pictures(begin, entry.path)
        elif name[name.rfind(".") :].lower() in SUFFIXES and entry.is_file():
            state = entry.stat()
            inside = entry.path[begin:].replace(os.sep, "/")
            yield Picture(inside, 0, state.st_size, state.st_mtime_ns)


def _named(
    found: set[str],
    path: Path,
    pictures: dict[Part, dict[str, list[Picture]]],
    wanted: tuple[str, ...] | None,
) -> tuple[str, ...]:
    if wanted is not None:
        return wanted
    full = sorted(n for n in found if any(pictures[part].get(n) for part in pictures))
    if len(full) > MAX_CLASSES:
        raise DataError(
            Message(
                "{folder} holds {n:,} folders with pictures, more than the {limit} classes that "
                "there can be. Choose another folder.",
                folder=str(path),
                n=len(full),
                limit=MAX_CLASSES,
            )
        )
    if len(full) < 2:
        raise DataError(
            Message(
                "{folder} holds {n} folders with pictures, but there must be one for each of two "
                "classes at least. Put the pictures of each class into a folder of its own.",
                folder=str(path),
                n=len(full),
            )
        )
    return tuple(full)


def _part_by_name(found: dict[Part, dict[str, list[Picture]]], name: str) -> None:
    """Set a part of a class aside for the test: by the names alone, so that it is always the same
    one, and one picture at least."""
    pictures = found["train"][name]
    if len(pictures) < 2:
        return
    by_chance = sorted(pictures, key=lambda each: (zlib.crc32(each.name.encode()), each.name))
    aside = {each.name for each in by_chance[: max(1, len(pictures) // TEST_PART)]}
    found["test"][name] = [each for each in pictures if each.name in aside]
    found["train"][name] = [each for each in pictures if each.name not in aside]
