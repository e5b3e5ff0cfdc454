"""The pictures of a folder as arrays of one size, decoded once and then kept in a cache."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec import Struct

from cnnviz.atomic import replacing
from cnnviz.data.errors import DataError
from cnnviz.data.folders import list_steps
from cnnviz.data.storage import data_folder
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from cnnviz.data.folders import ImageFolder, Listing, Part, Picture

MAX_BYTES = 2 << 30
"""Of all images of a part together; more are refused before any memory is asked for."""
CACHED_BYTES = 6 << 30
"""What the cache may hold; what was used longest ago goes first."""

_WRITE_BYTES = 1 << 22
_CACHE = "cache"


class Skipped(Struct, frozen=True):
    """Pictures that could not be read: how many of how many, and the name of one."""

    count: int
    total: int
    example: str

    @property
    def said(self) -> Message:
        """The same for a person."""
        return Message(
            "{n:,} of {total:,} pictures could not be read and were left out ({example} for one).",
            n=self.count,
            total=self.total,
            example=self.example,
        )


def together(parts: Sequence[Decoded]) -> Message | None:
    """What to say of all parts of a folder; None where every picture could be read."""
    skipped = [part.skipped for part in parts if part.skipped is not None]
    if not skipped:
        return None
    total = sum(len(part.labels) for part in parts) + sum(each.count for each in skipped)
    return Skipped(sum(each.count for each in skipped), total, skipped[0].example).said


class _About(Struct):
    """What a cached file holds beside pixels."""

    labels: bytes
    skipped: Skipped | None


class Decoded(Struct, frozen=True, eq=False):
    """images: uint8 (count, height, width) or (count, height, width, 3), read-only; labels: uint8
    (count,), read-only."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    skipped: Skipped | None


def read_steps(
    folder: ImageFolder, part: Part, listing: Listing | None = None
) -> Generator[tuple[int, int], None, Decoded]:
    """The images of a part of a folder, from the cache where nothing has changed since.

    listing: what is in the folder, where that is known already.

    Yields (how many pictures have been looked at, of how many). A picture that cannot be read is
    left out. Raises DataError where the folder is missing, a part has no picture that can be read,
    or the images are too large together.
    """
    top = Path(folder.path)
    if listing is None:
        listing = yield from _listed_steps(folder)
    pictures = listing.part(part)
    size = (folder.height, folder.width, *([3] if folder.channels == 3 else []))
    total = len(pictures) * folder.height * folder.width * folder.channels
    if total > MAX_BYTES:
        raise DataError(
            Message(
                "{n:,} pictures of {height}×{width} need {total:,} bytes, more than the {limit:,} "
                "that can be held. Choose a smaller size for the images.",
                n=len(pictures),
                height=folder.height,
                width=folder.width,
                total=total,
                limit=MAX_BYTES,
            )
        )
    place = _place(folder, part, pictures)
    decoded = _cached(place, size)
    if decoded is None:
        decoded = yield from _decode_steps(top, pictures, size)
        yield from _keep_steps(place, decoded)
    if not len(decoded.labels):
        raise DataError(
            Message(
                "{folder} holds no picture that can be read for one of its parts. "
                "There must be training images and test images.",
                folder=folder.path,
            )
        )
    return decoded


def read_both_steps(
    folder: ImageFolder,
) -> Generator[tuple[int, int], None, tuple[Decoded, Decoded]]:
    """Training and test images, as `read_steps` has them; the folder is gone through once."""
    listing = yield from _listed_steps(folder)
    train = yield from read_steps(folder, "train", listing)
    test = yield from read_steps(folder, "test", listing)
    return train, test


def _listed_steps(folder: ImageFolder) -> Generator[tuple[int, int], None, Listing]:
    steps = list_steps(Path(folder.path), folder.classes)
    while True:
        try:
            yield next(steps), 0
        except StopIteration as end:
            found: Listing = end.value
            return found


def _decode_steps(
    top: Path, pictures: tuple[Picture, ...], size: tuple[int, ...]
) -> Generator[tuple[int, int], None, Decoded]:
    from cnnviz.data.images import fitted_image  # Pillow is slow to import

    images = np.empty((len(pictures), *size), np.uint8)
    labels = np.empty(len(pictures), np.uint8)
    kept, bad = 0, []
    for done, picture in enumerate(pictures, start=1):
        try:
            images[kept] = fitted_image(top / picture.name, size)
        except UserError:
            bad.append(picture.name)
        else:
            labels[kept] = picture.label
            kept += 1
        yield done, len(pictures)
    images, labels = images[:kept], labels[:kept]
    images.flags.writeable = labels.flags.writeable = False
    skipped = Skipped(len(bad), len(pictures), bad[0]) if bad else None
    return Decoded(images, labels, skipped)


# --- the cache -------------------------------------------------------------------------------


def _place(folder: ImageFolder, part: Part, pictures: tuple[Picture, ...]) -> Path:
    """A name for what comes of exactly these files at this size."""
    about = hashlib.sha256()
    head = (str(Path(folder.path).absolute()), folder.height, folder.width, folder.channels, part)
    about.update(repr(head).encode(errors="surrogatepass"))
    for name, label, size, changed in pictures:
        line = f"{name}\0{label}\0{size}\0{changed}\n"
        about.update(line.encode(errors="surrogatepass"))
    return data_folder() / _CACHE / about.hexdigest()[:32]


def _cached(place: Path, size: tuple[int, ...]) -> Decoded | None:
    """What was kept, mapped from the disk and not copied; None where it is missing or damaged."""
    with contextlib.suppress(OSError, ValueError, msgspec.MsgspecError):
        about = msgspec.msgpack.decode(place.with_suffix(".about").read_bytes(), type=_About)
        labels = np.frombuffer(about.labels, np.uint8)
        file = place.with_suffix(".images")
        if file.stat().st_size != len(labels) * np.prod(size, dtype=np.int64):
            return None
        images = np.memmap(file, np.uint8, "r", shape=(len(labels), *size))
        file.touch()  # used just now
        return Decoded(np.asarray(images), labels, about.skipped)
    return None


def _keep_steps(place: Path, decoded: Decoded) -> Generator[tuple[int, int], None, None]:
    """Put images into the cache; where there is no room for it, they are decoded again next time.

    The file that says what is in the other comes last.
    """
    count = len(decoded.labels)
    values = decoded.images.reshape(-1)
    with contextlib.suppress(OSError, UserError):
        place.parent.mkdir(parents=True, exist_ok=True)
        _make_room(place.parent, decoded.images.nbytes)
        with replacing(place.with_suffix(".images")) as stream:
            for start in range(0, values.size, _WRITE_BYTES):
                stream.write(values[start : start + _WRITE_BYTES].data)
                yield count, count
        with replacing(place.with_suffix(".about")) as stream:
            about = _About(decoded.labels.tobytes(), decoded.skipped)
            stream.write(msgspec.msgpack.encode(about))


def _make_room(folder: Path, wanted: int) -> None:
    files = sorted(folder.glob("*.images"), key=lambda file: file.stat().st_mtime)
    held = sum(file.stat().st_size for file in files)
    for file in files:
        if held + wanted <= CACHED_BYTES:
            return
        held -= file.stat().st_size
        file.with_suffix(".about").unlink(missing_ok=True)
        file.unlink(missing_ok=True)
