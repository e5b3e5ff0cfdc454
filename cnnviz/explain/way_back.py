"""What each kind of layer does with the error that comes back to it, in a few sentences."""

from __future__ import annotations

from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.message import Message
from cnnviz.training import TRAINING_NAMES

OVERVIEW = Message(
    "Backpropagation (Rumelhart, Hinton and Williams, 1986). δ of a value says how much the loss "
    "would grow if that value grew: blue pushes the loss up, orange down. It begins at the loss as "
    "probability − target and is handed back from layer to layer, each by the chain rule. Where a "
    "weight is used, its gradient is its input times δ, added up over all places. Click a layer to "
    "go in."
)

LOSS = Message(
    "The loss is one number for how wrong the answer is. For softmax and cross entropy its "
    "derivative by a logit is simply probability − target: too much is pushed down, too little is "
    "pushed up. Label smoothing moves a little of the target to all classes."
)

AT_REST = Message(
    "Shown is the network at rest, not in training, and for this image "
    "alone: dropout passes every value, and batch norm takes its running "
    "statistics as constants. A training step averages the gradients of a "
    "batch, and every optimizer but plain SGD also remembers those of the "
    "steps before."
)

_MEAN = Message(
    "Every value under the window had an equal part in the mean, so δ of the window is spread over "
    "them in equal parts: the Kronecker product of δ with a window of 1/n. Where windows overlap, "
    "the parts add up."
)
_WINNER = Message(
    "Only the largest value of a window had a say in its result, so it alone gets δ of the window; "
    "all others get 0. Of equal values the first wins. Where windows overlap, a value that wins "
    "several times gets the sum."
)
_PASSES = Message(
    "In training, δ passes only where the value passed, and is scaled up as "
    "the value was. At rest, as shown here, all of it passes unchanged."
)

WAY_BACK: dict[type[Layer], Message] = {
    Conv2d: Message(
        "δ of an input value is the sum over all windows that read it, each δ times the weight by "
        "which it was read: the full convolution of δ with the kernel turned by 180°, with zeros "
        "between the values of δ for a stride. The gradient of a weight is the sum, over all "
        "positions, of the input that it met times δ there; that of a bias is the sum of δ."
    ),
    TransposedConv2d: Message(
        "Its forward pass is the backward pass of a convolution, so its backward "
        "pass is an ordinary convolution of δ with the same stamps. The gradient "
        "of a weight is the sum of every input value times the δ that its stamp "
        "met with this weight."
    ),
    LocallyConnected2d: Message(
        "As a convolution, but each position has filters of its own: δ goes back by the turned "
        "filter of each position, and each weight has met only one value, so its gradient is a "
        "single product."
    ),
    Dense: Message(
        "δ of an input is the sum of the δ of all units, each times the weight between them: Wᵀδ. "
        "The gradient of a weight is its input times the δ of its unit: all together the outer "
        "product δ·xᵀ. A bias gets δ itself."
    ),
    MaxPool: _WINNER,
    GlobalMaxPool: _WINNER,
    AvgPool: _MEAN,
    AdaptiveAvgPool: _MEAN,
    GlobalAvgPool: _MEAN,
    Subsampling: Message(
        "Each value of a window counts by the coefficient of its map, so it gets δ times that. The "
        "gradient of the coefficient is the sum of each window's sum times its δ; that of the bias "
        "is the sum of δ."
    ),
    BatchNorm: Message(
        "At rest mean and spread are constants, so δ is only multiplied by factor / spread. In "
        "training they come from the batch, and hand δ back as well: (g − mean g − z · mean(g·z)) "
        "/ spread, with g = δ · factor and the means taken over the batch; “δ in training” works "
        "it out for one value. The factor γ learns from Σ z·δ, the offset β from Σδ, over all "
        "values of its map: at rest of this image, in training (“γ in training”, “β in training”) "
        "of all images of the batch."
    ),
    LayerNorm: Message(
        "Every value had a part in mean and spread, so what comes back through them is taken off: "
        "(g − mean g − z · mean(g·z)) / spread, with g = δ · factor. What all values share, and "
        "what only makes them larger, gets no error. Training does the same."
    ),
    GroupNorm: Message(
        "Every value of the group had a part in mean and spread, so what comes back through them "
        "is taken off: (g − mean g − z · mean(g·z)) / spread, with g = δ · factor. Training does "
        "the same."
    ),
    LocalResponseNorm: Message(
        "δ is divided as the value was. But the value also stood in the divisors of its "
        "neighbours: by as much as it made them smaller, their δ comes back with the other sign."
    ),
    Activation: Message(
        "δ is multiplied by the slope of the function where the value stands. Where the function "
        "is flat, nothing comes back: a ReLU that gave 0 hands back 0, and a sigmoid far from 0 "
        "almost nothing. Softmax mixes all classes; the slope of PReLU learns from its negative "
        "values."
    ),
    Dropout: _PASSES,
    ChannelDropout: _PASSES,
    Flatten: Message("Nothing is worked out: each δ goes back to where its value stood."),
    ZeroPadding: Message("The border of zeros is cut off again; nothing can be learned about it."),
    Branches: Message(
        "A sum hands δ to all its branches unchanged, which is why deep residual networks learn. "
        "Concatenation gives each branch its own part. A product hands to each branch δ times what "
        "the others had. At the fork, what all branches hand back is added up."
    ),
}
"""Of each kind."""


def first_step(optimizer: str, rate: float) -> Message:
    """Which step a new weight belongs to: the optimiser by its name in `Training`, and its rate."""
    return Message(
        "As in the first step of a run with {name}, η = {rate:g}, on this image alone.",
        name=TRAINING_NAMES[optimizer],
        rate=rate,
    )
