"""The loop of an exported PyTorch script: what a person would write for these settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.export.prepared import chooses, puts_aside
from cnnviz.schedule import LEAST_GAIN, ONE_CYCLE_END, ONE_CYCLE_START, batches_in, steps_in
from cnnviz.training import optimizer_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.preparation import Preparation
    from cnnviz.training import Training

_STEP = "    "
LOSSES = 100
"""How many losses a reference script prints."""

_SEED_OF = [
    "def seed_of(*names: object) -> int:",
    f'{_STEP}"""Where chance begins, for each purpose on its own; as CNNviz derives it."""',
    f'{_STEP}text = "\\0".join(map(str, (SEED, *names))).encode()',
    f'{_STEP}return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1',
]


def measures(training: Training) -> bool:
    """Whether the loop looks at the images to judge by after each epoch, and so wants them."""
    early = training.stopping_patience > 0 or training.target_error > 0
    return early or training.schedule == "plateau"


def changes_call(training: Training, preparation: Preparation, *, reference: bool) -> str:
    """What chance does with prepared images, as a call with a place for them; "" for nothing."""
    also = ", step" if reference else ""
    call = f"shift({{}}{also})" if training.shift else "{}" if preparation.augments else ""
    return f"augment({call}{also})" if preparation.augments else call


def loop_parts(
    training: Training,
    images: int,
    *,
    drop_single: bool,
    preparation: Preparation,
    prepared: bool,
    reference: bool = False,
) -> dict[str, str]:
    """What the script's template wants of the settings, by its names.

    images: in the training set. drop_single: a batch of one image is left out (batch norm).
    prepared: whether the script has a function `chosen`.
    reference: the script repeats a run of the engine step by step, and prints its first losses.
    """
    functions = [
        *([_SEED_OF] if reference else []),
        *_learning_rate(training),
        *(_shift_by_seed(training) if reference else _shift(training)),
        *_loss(training),
        *_mean_loss(training),
        _train(training, preparation, drop_single=drop_single, reference=reference),
    ]
    batches = batches_in(training, images, drop_single=drop_single)
    epochs = -(-steps_in(training, batches) // batches)
    if chooses(preparation) and training.run_length == "steps":
        epochs = training.steps  # whatever is left of the images, an epoch is a step at least
    return {
        "training": "\n\n\n".join("\n".join(lines) for lines in functions),
        "math": "import math\n" if training.schedule in {"cosine", "one_cycle"} else "",
        "epochs": str(epochs),
        "steps": (f"STEPS = {training.steps}\n" if training.run_length == "steps" else "")
        + (f"LOSSES = {LOSSES}\n" if reference else ""),
        "hashlib": "import hashlib\n" if reference else "",
        **_main(training, aside=puts_aside(preparation), prepared=prepared),
    }


def _main(training: Training, *, aside: bool, prepared: bool) -> dict[str, str]:
    """The lines that read the data, train and test."""
    get = "prepared" if prepared else "load"
    reading = _READ if prepared else ""
    data = f'{get}(options.data, "train")'
    arguments = "images.to(device), labels.to(device), options.epochs"
    if aside:
        lines = [
            f"images, labels, *aside = {data}",
            "aside = [tensor.to(device) for tensor in aside]",
            f"train(model, {arguments}{', *aside' if measures(training) else ''})",
            'print(f"validation accuracy {accuracy(model, *aside):.4f}")',
            f'images, labels = {get}(options.data, "t10k")',
        ]
    elif measures(training):
        lines = [
            f"images, labels, *_ = {data}" if prepared else f"images, labels = {data}",
            f'test = [tensor.to(device) for tensor in {get}(options.data, "t10k")]',
            f"train(model, {arguments}, *test)",
        ]
    else:
        lines = [
            f"images, labels, *_ = {data}" if prepared else f"images, labels = {data}",
            f"train(model, {arguments})",
            f'images, labels = {get}(options.data, "t10k")',
        ]
    tested = measures(training) and not aside
    return {
        "reading": reading,
        "run": "".join(f"{_STEP}{line}\n" for line in lines),
        "test": "*test" if tested else "images.to(device), labels.to(device)",
    }


_READ = '''\
def prepared(folder: Path, part: str) -> list[torch.Tensor]:
    """What is learned from or tested with, of a part, "train" or "t10k"."""
    images, labels = load(folder, part)
    arrays = chosen(images.numpy(), labels.numpy(), part == "train")
    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]


'''


def _scheduled(training: Training) -> bool:
    return training.schedule != "constant" or training.warm_up > 0


_NEEDS = {"step": "batches", "exponential": "batches", "cosine": "steps", "one_cycle": "steps",
          "plateau": "plateaus"}  # fmt: skip
"""What the learning rate depends on beside the step."""

_ABOUT = {
    "constant": "The learning rate",
    "step": "The learning rate, lower every few epochs",
    "exponential": "The learning rate, lower with each epoch",
    "cosine": "The learning rate, along half a cosine",
    "one_cycle": "The learning rate, once up and once down (Smith, Topin 2018)",
    "plateau": "The learning rate, lower after each plateau",
}


def _learning_rate(training: Training) -> list[list[str]]:
    if not _scheduled(training):
        return []
    rate, factor = repr(training.learning_rate), repr(training.factor)
    more = [f"{_NEEDS[training.schedule]}: int"] if training.schedule in _NEEDS else []
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
        f'{_STEP}"""{_ABOUT[training.schedule]}; steps count from 0."""',
        *(_STEP + line for line in bodies[training.schedule]),
        f"{_STEP}return rate{warm}",
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
            f'{_STEP}"""The whole batch, moved by up to {pixels}; zeros come in."""',
            f"{_STEP}down, right = torch.randint({-training.shift}, {ways}, (2,)).tolist()",
            f"{_STEP}return F.pad(x, (right, -right, down, -down))",
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
            f'{_STEP}"""The whole batch, moved by up to {pixels}; zeros come in."""',
            f'{_STEP}chance = seed_of("shift", step)',
            f"{_STEP}down, right = chance % {ways} - {limit}, chance // {ways} % {ways} - {limit}",
            f"{_STEP}return F.pad(x, (right, -right, down, -down))",
        ]
    ]


def _simple(training: Training) -> bool:
    """Whether the loss is a call that needs no function of its own."""
    return training.loss == "cross_entropy" and not training.label_smoothing


def _loss_name(training: Training) -> str:
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
    return [[head, *(_STEP + line for line in body)]]


def _mean_loss(training: Training) -> list[list[str]]:
    if not measures(training):
        return []
    loss = _loss_name(training)
    return [
        [
            "@torch.no_grad()",
            "def mean_loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:",
            f"{_STEP}model.eval()",
            f"{_STEP}total = 0.0",
            f"{_STEP}for some, their in zip(images.split(1000), labels.split(1000)):",
            f"{_STEP * 2}total += {loss}(model(prepare(some)), their).item() * len(some)",
            f"{_STEP}return total / len(images)",
        ]
    ]


def _train(
    training: Training, preparation: Preparation, *, drop_single: bool, reference: bool
) -> list[str]:
    call = optimizer_call(training)
    words = [f"{name}={value!r}" for name, value in call.keywords.items()]
    judge = "validation" if puts_aside(preparation) else "test"
    more = (
        [f"{judge}_images: torch.Tensor", f"{judge}_labels: torch.Tensor"]
        if measures(training)
        else []
    )
    arguments = ["model: nn.Module", "images: torch.Tensor", "labels: torch.Tensor", "epochs: int"]
    head = f"def train({', '.join([*arguments, *more])}) -> None:"
    if len(head) > 100:
        head = (
            "def train(\n" + "".join(f"{_STEP}{a},\n" for a in (*arguments, *more)) + ") -> None:"
        )
    counted = training.run_length == "steps"
    scheduled = _scheduled(training)
    lines = [f"optimizer = {call.name}({', '.join(['model.parameters()', *words])})"]
    if counted or _NEEDS.get(training.schedule) in {"batches", "steps"}:
        if drop_single:
            lines += [
                "count = len(images) - (len(images) % BATCH_SIZE == 1)  # a last one is left out",
                "batches = -(-count // BATCH_SIZE)  # in an epoch",
            ]
        else:
            lines.append("batches = -(-len(images) // BATCH_SIZE)  # in an epoch")
    if counted:
        lines.append("steps = min(STEPS, epochs * batches)")
    elif _NEEDS.get(training.schedule) == "steps":
        lines.append("steps = epochs * batches")
    if scheduled or counted or reference:
        lines.append("step = 0")
    lines += _counters(training)
    lines += [
        "for epoch in range(1, epochs + 1):",
        f"{_STEP}started = time.perf_counter()",
        f"{_STEP}model.train()",
        f"{_STEP}total = 0.0",
        *_order(reference=reference),
        f"{_STEP}for indices in order.split(BATCH_SIZE):",
    ]
    batch = _batch(training, preparation, drop_single=drop_single, reference=reference)
    lines += _indented(2, batch)
    lines += _indented(
        1,
        [
            "seconds = time.perf_counter() - started",
            'print(f"epoch {epoch}: training loss {total / len(images):.4f}, {seconds:.1f} s")',
            *_judge(training, judge),
            *(["if step == steps:", f"{_STEP}break"] if counted else []),
        ],
    )
    return [head, *_indented(1, lines)]


def _order(*, reference: bool) -> list[str]:
    if not reference:
        return [f"{_STEP}order = torch.randperm(len(images), device=images.device)"]
    return [
        f'{_STEP}chance = torch.Generator().manual_seed(seed_of("order", epoch - 1))',
        f"{_STEP}order = torch.randperm(len(images), generator=chance)",
    ]


def _batch(
    training: Training, preparation: Preparation, *, drop_single: bool, reference: bool
) -> list[str]:
    counted, scheduled = training.run_length == "steps", _scheduled(training)
    lines = []
    if drop_single:
        lines += [
            "if len(indices) == 1:",
            f"{_STEP}continue  # batch norm needs more than one image",
        ]
    if scheduled:
        needs = [_NEEDS[training.schedule]] if training.schedule in _NEEDS else []
        lines += [
            "for group in optimizer.param_groups:",
            f'{_STEP}group["lr"] = learning_rate({", ".join(["step", *needs])})',
        ]
    lines.append("optimizer.zero_grad()")
    loss = _loss_name(training)
    seen = "prepare(images[indices])"
    changes = changes_call(training, preparation, reference=reference)
    if changes and preparation.scaling != "unit":  # then that is done last
        seen = f"prepare(images[indices], {'step' if reference else 'by_chance=True'})"
    elif changes:
        seen = changes.format(seen)
    if reference:
        lines.append('torch.manual_seed(seed_of("chance", step))  # dropout draws from it')
    if training.precision == "bfloat16" and not reference:
        lines += [
            "with torch.autocast(images.device.type, torch.bfloat16):",
            f"{_STEP}logits = model({seen})",
            f"loss = {loss}(logits.float(), labels[indices])",
        ]
    else:
        lines.append(f"loss = {loss}(model({seen}), labels[indices])")
    lines.append("loss.backward()")
    if training.clipping:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.clipping!r})")
    lines += ["optimizer.step()", "total += loss.item() * len(indices)"]
    if scheduled or counted or reference:
        lines.append("step += 1")
    if reference:
        lines += [
            "if step <= LOSSES:",
            f'{_STEP}print(f"step {{step}}: loss {{loss.item():.9g}}")',
        ]
    if counted:
        lines += ["if step == steps:", f"{_STEP}break"]
    return lines


def _counters(training: Training) -> list[str]:
    lines = []
    if training.schedule == "plateau":
        lines.append('lowest, waited, plateaus = float("inf"), 0, 0')
    if training.stopping_patience:
        lines.append('best, stalled = float("inf"), 0')
    return lines


def _judge(training: Training, judge: str) -> list[str]:
    """What is done after an epoch with a look at the images to judge by."""
    lines: list[str] = []
    gain = f"(1 - {LEAST_GAIN:g})"
    if training.schedule == "plateau" or training.stopping_patience:
        lines.append(f"found = mean_loss(model, {judge}_images, {judge}_labels)")
    if training.schedule == "plateau":
        lines += [
            f"if found < lowest * {gain}:",
            f"{_STEP}lowest, waited = found, 0",
            "else:",
            f"{_STEP}waited += 1",
            f"if waited > {training.plateau_patience}:",
            f"{_STEP}plateaus, waited = plateaus + 1, 0",
        ]
    if training.stopping_patience:
        lines += [
            f"if found < best * {gain}:",
            f"{_STEP}best, stalled = found, 0",
            "else:",
            f"{_STEP}stalled += 1",
            f"if stalled == {training.stopping_patience}:",
            f"{_STEP}break  # no lower loss for so many epochs",
        ]
    if training.target_error:
        lines += [
            f"wrong = 100 * (1 - accuracy(model, {judge}_images, {judge}_labels))",
            f"if wrong <= {training.target_error!r}:",
            f"{_STEP}break  # as good as was wanted",
        ]
    return lines


def _indented(depth: int, lines: Sequence[str]) -> list[str]:
    return [_STEP * depth + line for line in lines]
