"""The loop of an exported PyTorch script: what a person would write for these settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.export.loop_functions import (
    RATE_NEEDS,
    called_functions,
    loss_name,
    measures,
    scheduled,
)
from cnnviz.export.prepared import chooses, puts_aside
from cnnviz.export.source import STEP, WIDTH
from cnnviz.optimizers import optimizer_call
from cnnviz.schedule import LEAST_GAIN, batches_in, steps_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.preparation import Preparation
    from cnnviz.training import Training

LOSSES = 100
"""How many losses a reference script prints."""


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
        *called_functions(training, reference=reference),
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
        "run": "".join(f"{STEP}{line}\n" for line in lines),
        "test": "*test" if tested else "images.to(device), labels.to(device)",
    }


_READ = '''\
def prepared(folder: Path, part: str) -> list[torch.Tensor]:
    """What is learned from or tested with, of a part, "train" or "t10k"."""
    images, labels = load(folder, part)
    arrays = chosen(images.numpy(), labels.numpy(), part == "train")
    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]


'''


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
    if len(head) > WIDTH:
        head = "def train(\n" + "".join(f"{STEP}{a},\n" for a in (*arguments, *more)) + ") -> None:"
    counted = training.run_length == "steps"
    lines = [f"optimizer = {call.name}({', '.join(['model.parameters()', *words])})"]
    if counted or RATE_NEEDS.get(training.schedule) in {"batches", "steps"}:
        if drop_single:
            lines += [
                "count = len(images) - (len(images) % BATCH_SIZE == 1)  # a last one is left out",
                "batches = -(-count // BATCH_SIZE)  # in an epoch",
            ]
        else:
            lines.append("batches = -(-len(images) // BATCH_SIZE)  # in an epoch")
    if counted:
        lines.append("steps = min(STEPS, epochs * batches)")
    elif RATE_NEEDS.get(training.schedule) == "steps":
        lines.append("steps = epochs * batches")
    if scheduled(training) or counted or reference:
        lines.append("step = 0")
    lines += _counters(training)
    lines += [
        "for epoch in range(1, epochs + 1):",
        f"{STEP}started = time.perf_counter()",
        f"{STEP}model.train()",
        f"{STEP}total = 0.0",
        *_order(reference=reference),
        f"{STEP}for indices in order.split(BATCH_SIZE):",
    ]
    batch = _batch(training, preparation, drop_single=drop_single, reference=reference)
    lines += _indented(2, batch)
    lines += _indented(
        1,
        [
            "seconds = time.perf_counter() - started",
            'print(f"epoch {epoch}: training loss {total / len(images):.4f}, {seconds:.1f} s")',
            *_judge(training, judge),
            *(["if step == steps:", f"{STEP}break"] if counted else []),
        ],
    )
    return [head, *_indented(1, lines)]


def _order(*, reference: bool) -> list[str]:
    if not reference:
        return [f"{STEP}order = torch.randperm(len(images), device=images.device)"]
    return [
        f'{STEP}chance = torch.Generator().manual_seed(seed_of("order", epoch - 1))',
        f"{STEP}order = torch.randperm(len(images), generator=chance)",
    ]


def _batch(
    training: Training, preparation: Preparation, *, drop_single: bool, reference: bool
) -> list[str]:
    counted = training.run_length == "steps"
    lines = []
    if drop_single:
        lines += [
            "if len(indices) == 1:",
            f"{STEP}continue  # batch norm needs more than one image",
        ]
    if scheduled(training):
        needs = [RATE_NEEDS[training.schedule]] if training.schedule in RATE_NEEDS else []
        lines += [
            "for group in optimizer.param_groups:",
            f'{STEP}group["lr"] = learning_rate({", ".join(["step", *needs])})',
        ]
    lines.append("optimizer.zero_grad()")
    loss = loss_name(training)
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
            f"{STEP}logits = model({seen})",
            f"loss = {loss}(logits.float(), labels[indices])",
        ]
    else:
        lines.append(f"loss = {loss}(model({seen}), labels[indices])")
    lines.append("loss.backward()")
    if training.clipping:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.clipping!r})")
    lines += ["optimizer.step()", "total += loss.item() * len(indices)"]
    if scheduled(training) or counted or reference:
        lines.append("step += 1")
    if reference:
        lines += [
            "if step <= LOSSES:",
            f'{STEP}print(f"step {{step}}: loss {{loss.item():.9g}}")',
        ]
    if counted:
        lines += ["if step == steps:", f"{STEP}break"]
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
            f"{STEP}lowest, waited = found, 0",
            "else:",
            f"{STEP}waited += 1",
            f"if waited > {training.plateau_patience}:",
            f"{STEP}plateaus, waited = plateaus + 1, 0",
        ]
    if training.stopping_patience:
        lines += [
            f"if found < best * {gain}:",
            f"{STEP}best, stalled = found, 0",
            "else:",
            f"{STEP}stalled += 1",
            f"if stalled == {training.stopping_patience}:",
            f"{STEP}break  # no lower loss for so many epochs",
        ]
    if training.target_error:
        lines += [
            f"wrong = 100 * (1 - accuracy(model, {judge}_images, {judge}_labels))",
            f"if wrong <= {training.target_error!r}:",
            f"{STEP}break  # as good as was wanted",
        ]
    return lines


def _indented(depth: int, lines: Sequence[str]) -> list[str]:
    return [STEP * depth + line for line in lines]
