"""Small files in the formats in which data sets are published."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def idx(values: np.ndarray) -> bytes:
    """An array of bytes as a gzipped IDX file."""
    head = bytes((0, 0, 8, values.ndim)) + np.asarray(values.shape, ">u4").tobytes()
    return gzip.compress(head + values.astype(np.uint8).tobytes(), mtime=0)


def cifar(images: np.ndarray, *labels: np.ndarray) -> bytes:
    """Images (count, 32, 32, 3) and one or two rows of labels as a binary file of CIFAR."""
    planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    columns = [np.asarray(each, np.uint8)[:, None] for each in labels]
    return np.concatenate([*columns, planes], axis=1).tobytes()


def tar_gz(members: Mapping[str, bytes]) -> bytes:
    """Files as a .tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Files as a .zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def write_emnist(folder: Path, split: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Both parts of a split, the images transposed as they are published."""
    folder.mkdir(parents=True)
    for part in ("train", "test"):
        beginning = folder / f"emnist-{split}-{part}"
        upright = images.transpose(0, 2, 1)
        beginning.with_name(f"{beginning.name}-images-idx3-ubyte.gz").write_bytes(idx(upright))
        beginning.with_name(f"{beginning.name}-labels-idx1-ubyte.gz").write_bytes(idx(labels))
