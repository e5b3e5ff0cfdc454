"""What a network has learned, as safetensors by "uid.tensor".

What a network has learned is worth more than a tidy file: tensors that do not fit the network are
left out and a note says so.
"""

from __future__ import annotations

import numpy as np

from cnnviz.analysis import Report, TensorKey
from cnnviz.message import Message, UserError
from cnnviz.project import Weights
from cnnviz.tensors import TableError, finite, header_length, pieces, table


def encode_weights(report: Report, weights: Weights) -> bytes | None:
    """What the present network has learned, as safetensors by "uid.tensor"; None for nothing.

    Layers that wait for a problem to be mended have no shapes yet; what they learned last is kept,
    so that it is there when the problem has been mended.
    """
    tensors = stored(report, weights)
    return b"".join(pieces(tensors)) if tensors else None


def stored(report: Report, weights: Weights) -> dict[str, np.ndarray]:
    """The tensors that belong in the file, by their names there."""
    working, waiting = set(report.tensor_keys()), _waiting(report)
    return {
        f"{key[0]}.{key[1]}": values
        for key, values in weights.items()
        if key in working or key[0] in waiting
    }


def decode_weights(
    report: Report, data: bytes | bytearray, file: str
) -> tuple[Weights, Message | None]:
    """The tensors in a safetensors file that belong to the network, and a note where some do not.

    Raises:
        UserError: it is no safetensors file, or damaged; `file` is the name to blame.
    """
    try:
        length = header_length(bytes(data[:8]), len(data))
        tensors = table(bytes(data[8 : 8 + length]), len(data))
    except TableError as error:
        raise UserError(
            Message(
                "The weights in {file} are damaged ({reason}). Use another copy of the file.",
                file=file,
                reason=str(error),
            )
        ) from error
    working, waiting = set(report.tensor_keys()), _waiting(report)
    weights: dict[TensorKey, np.ndarray] = {}
    left_out = []
    for tensor in tensors:
        uid, _, name = tensor.name.rpartition(".")
        key = uid, name, tensor.shape
        if tensor.dtype != "F32" or (key not in working and uid not in waiting):
            left_out.append(tensor.name)
            continue
        # A copy, so that a tensor that is thought better of does not hold on to all of the file.
        values = np.frombuffer(data, "<f4", tensor.size, tensor.start).copy().reshape(key[2])
        values.flags.writeable = False
        if not finite(values):
            return {}, Message(
                "The saved weights hold numbers that are not finite (in {tensor}), so they were "
                "left out. The network starts from its seed; train it anew.",
                tensor=tensor.name,
            )
        weights[key] = values
    if not left_out:
        return weights, None
    return weights, Message(
        "Saved weights that do not fit the network were left out ({n:,} of {total:,} tensors, "
        "{tensor} for one). Those parts start from the seed.",
        n=len(left_out),
        total=len(tensors),
        tensor=left_out[0],
    )


def _waiting(report: Report) -> set[str]:
    return {row.layer.uid for row in report.rows if row.output is None}
