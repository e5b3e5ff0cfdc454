"""What training makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from torch.nn import functional as F

if TYPE_CHECKING:
    import torch

    from cnnviz.training import Training


def loss_of(
    training: Training,
    logits: torch.Tensor,
    labels: torch.Tensor,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> torch.Tensor:
    """The loss of logits (batch, classes) for labels (batch,), over the batch; "none": (batch,)."""
    if training.loss == "mean_squared_error":
        right = F.one_hot(labels, logits.shape[1]).to(logits.dtype)  # (batch, classes)
        squares = (logits.softmax(1) - right).square().mean(1)  # (batch,)
        whole = {"mean": squares.mean, "sum": squares.sum}
        return whole[reduction]() if reduction in whole else squares
    return F.cross_entropy(
        logits, labels, label_smoothing=training.label_smoothing, reduction=reduction
    )
