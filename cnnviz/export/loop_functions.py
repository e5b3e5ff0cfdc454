"""The functions that the loop of an exported PyTorch script calls: each stands in the script only
where the settings need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.export.source import STEP
from cnnviz.schedule import ONE_CYCLE_END, ONE_CYCLE_START
from cnnviz.training import LEAST_APART

if TYPE_CHECKING:
    from cnnviz.training import Training


def called_functions(training: Training, *, reference: bool) -> list[list[str]]:
    """The lines of each function that is needed. reference: what chance does begins at a seed of
    its own in every step, as in the engine."""
    return [
        *([_SEED_OF] if reference else []),
        *_learning_rate(training),
        *(_shift_by_seed(training) if reference else _shift(training)),
        *_loss(training),
        *_mean_loss(training),
    ]


_SEED_OF = [
    "def seed_of(*names: object) -> int:",
    f'{STEP}"""Where chance begins, for each purpose on its own; as CNNviz derives it."""',
    f'{STEP}text = "\\0".join(map(str, (SEED, *names))).encode()',
    f'{STEP}return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1',
]


APART = [
    "def apart(model: nn.Sequential, x: torch.Tensor) -> torch.Tensor:",
    f'{STEP}"""Logits of each image by one branch alone of those that are added at the end."""',
    f"{STEP}branches = model[-1].branches",
    f"{STEP}ways = len(branches)",
    f"{STEP}if len(x) < {LEAST_APART} * ways:",
    f"{STEP * 2}return model(x)",
    f"{STEP}x = model[:-1](x)",
    f"{STEP}ends = [branch(x[number::ways]) for number, branch in enumerate(branches)]",
    f"{STEP}logits = ends[0].new_empty((len(x), *ends[0].shape[1:]))",
    f"{STEP}for number, end in enumerate(ends):",
    f"{STEP * 2}logits[number::ways] = end",
    f"{STEP}return logits",
]
"""As `cnnviz.engine.build.Model.apart` does it."""


def measures(training: Training) -> bool:
    """Whether the loop looks at the images to judge by after each epoch, and so wants them."""
    early = training.stopping_patience > 0 or training.target_error > 0
    return early or training.schedule == "plateau"


def scheduled(training: Training) -> bool:
    """Whether the learning rate is another one in other steps."""
    return training.schedule != "constant" or training.warm_up > 0


RATE_NEEDS = {
    "step": "batches",
    "exponential": "batches",
    "cosine": "steps",
    "one_cycle": "steps",
    "plateau": "plateaus",
}
"""What the learning rate of a schedule depends on beside the step: an argument's name."""

_ABOUT = {
    "constant": "The learning rate",
    "step": "The learning rate, lower every few epochs",
    "exponential": "The learning rate, lower with each epoch",
    "cosine": "The learning rate, along half a cosine",
    "one_cycle": "The learning rate, once up and once down (Smith, Topin 2018)",
    "plateau": "The learning rate, lower after each plateau",
}


def _learning_rate(training: Training) -> list[list[str]]:
    if not scheduled(training):
        return []
    rate, factor = repr(training.learning_rate), repr(training.factor)
    more = [f"{RATE_NEEDS[training.schedule]}: int"] if training.schedule in RATE_NEEDS else []
    bodies = {
        "constant": [f"rate = {rate}"],
        "step": [f"rate = {rate} * {factor} ** (step // batches // {training.step_epochs})"],
        "exponential": [f"rate = {rate} * {factor} ** (step / batches)"],
        "cosine": [
            f"low = {training.learning_rate * training.final_share!r}",
            f"rate = low + ({rate} - low) * (1 + math.cos(math.pi * step / steps)) / 2",
        ],
        "one_cycle": [
            f"high, low = {rate}, {rate} / {ONE_CYCLE_START * ONE_CYCLE_END:.0f}",
            f"top = {training.rise!r} * steps - 1",
            "if step <= top:",
            f"    start, end, part = high / {ONE_CYCLE_START:.0f}, high, step / max(top, 1e-9)",
            "else:",
            "    start, end, part = high, low, (step - top) / max(steps - 1 - top, 1e-9)",
            "rate = end + (start - end) * (1 + math.cos(math.pi * part)) / 2",
        ],
        "plateau": [f"rate = {rate} * {factor}**plateaus"],
    }
    warm = f" * min(1, (step + 1) / {training.warm_up})" if training.warm_up else ""
    lines = [
        f"def learning_rate({', '.join(['step: int', *more])}) -> float:",
        f'{STEP}"""{_ABOUT[training.schedule]}; steps count from 0."""',
        *(STEP + line for line in bodies[training.schedule]),
        f"{STEP}return rate{warm}",
    ]
    return [lines]


def _shift(training: Training) -> list[list[str]]:
    if not training.shift:
        return []
    ways = training.shift + 1
    pixels = "a pixel" if training.shift == 1 else f"{training.shift} pixels"
    return [
        [
            "def shift(x: torch.Tensor) -> torch.Tensor:",
            f'{STEP}"""The whole batch, moved by up to {pixels}; zeros come in."""',
            f"{STEP}down, right = torch.randint({-training.shift}, {ways}, (2,)).tolist()",
            f"{STEP}return F.pad(x, (right, -right, down, -down))",
        ]
    ]


def _shift_by_seed(training: Training) -> list[list[str]]:
    """As `cnnviz.engine.augment.shifted` moves a batch."""
    if not training.shift:
        return []
    limit, ways = training.shift, 2 * training.shift + 1
    pixels = "a pixel" if limit == 1 else f"{limit} pixels"
    return [
        [
            "def shift(x: torch.Tensor, step: int) -> torch.Tensor:",
            f'{STEP}"""The whole batch, moved by up to {pixels}; zeros come in."""',
            f'{STEP}chance = seed_of("shift", step)',
            f"{STEP}down, right = chance % {ways} - {limit}, chance // {ways} % {ways} - {limit}",
            f"{STEP}return F.pad(x, (right, -right, down, -down))",
        ]
    ]


def _simple(training: Training) -> bool:
    """Whether the loss is a call that needs no function of its own."""
    return training.loss == "cross_entropy" and not training.label_smoothing


def loss_name(training: Training) -> str:
    """What the script calls to get the loss from logits and labels."""
    return "F.cross_entropy" if _simple(training) else "loss_of"


def _loss(training: Training) -> list[list[str]]:
    if _simple(training):
        return []
    if training.loss == "mean_squared_error":
        body = [
            "right = F.one_hot(labels, logits.shape[1]).float()",
            "return F.mse_loss(logits.softmax(1), right)",
        ]
    else:
        smooth = f"label_smoothing={training.label_smoothing!r}"
        body = [f"return F.cross_entropy(logits, labels, {smooth})"]
    head = "def loss_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:"
    return [[head, *(STEP + line for line in body)]]


def _mean_loss(training: Training) -> list[list[str]]:
    if not measures(training):
        return []
    loss = loss_name(training)
    return [
        [
            "@torch.no_grad()",
            "def mean_loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:",
            f"{STEP}model.eval()",
            f"{STEP}total = 0.0",
            f"{STEP}for some, their in zip(images.split(1000), labels.split(1000)):",
            f"{STEP * 2}total += {loss}(model(prepare(some)), their).item() * len(some)",
            f"{STEP}return total / len(images)",
        ]
    ]
