"""The loop of an exported PyTorch script: what a person would write for these settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnviz.export.loop_functions import (
    APART,
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


class Loop(NamedTuple):
    """All that decides what the loop looks like.

    drop_single: a batch of one image is left out (batch norm). prepared: the script has a function
    `chosen`. apart: the branches that the network ends in learn apart. reference: the script
    repeats a run of the engine step by step, and prints its first losses.
    """

    training: Training
    preparation: Preparation
    drop_single: bool
    prepared: bool
    apart: bool = False
    reference: bool = False

    def parts(self, images: int) -> dict[str, str]:
        """What the script's template wants, by its names. images: in the training set."""
        training = self.training
        functions = [
            *called_functions(training, reference=self.reference),
            *([APART] if self.apart else []),
            self._train(),
        ]
        batches = batches_in(training, images, drop_single=self.drop_single)
        epochs = -(-steps_in(training, batches) // batches)
        if chooses(self.preparation) and self._counted:
            epochs = training.steps  # whatever is left of the images, an epoch is a step at least
        return {
            "training": "\n\n\n".join("\n".join(lines) for lines in functions),
            "math": "import math\n" if training.schedule in {"cosine", "one_cycle"} else "",
            "epochs": str(epochs),
            "steps": (f"STEPS = {training.steps}\n" if self._counted else "")
            + (f"LOSSES = {LOSSES}\n" if self.reference else ""),
            "hashlib": "import hashlib\n" if self.reference else "",
            "reading": _READ if self.prepared else "",
            **self._main(),
        }

    def changes(self) -> str:
        """What chance does with prepared images, as a call with a place for them; "": nothing."""
        also = ", step" if self.reference else ""
        augments = self.preparation.augments
        call = f"shift({{}}{also})" if self.training.shift else "{}" if augments else ""
        return f"augment({call}{also})" if augments else call

    @property
    def _counted(self) -> bool:
        """Whether the run ends after so many steps."""
        return self.training.run_length == "steps"

    @property
    def _counts(self) -> bool:
        """Whether the loop has to know which step it is at."""
        return scheduled(self.training) or self._counted or self._settles or self.reference

    @property
    def _settles(self) -> bool:
        """Whether images stay as they are at the end of the run."""
        return bool(self.preparation.augments and self.preparation.unchanged)

    @property
    def _judge(self) -> str:
        """By which images it is judged how good the network is."""
        return "validation" if puts_aside(self.preparation) else "test"

    def _main(self) -> dict[str, str]:
        """The lines that read the data, train and test."""
        get = "prepared" if self.prepared else "load"
        data, test = f'{get}(options.data, "train")', f'{get}(options.data, "t10k")'
        arguments = "images.to(device), labels.to(device), options.epochs"
        wants, aside = measures(self.training), puts_aside(self.preparation)
        if aside:
            lines = [
                f"images, labels, *aside = {data}",
                "aside = [tensor.to(device) for tensor in aside]",
                f"train(model, {arguments}{', *aside' if wants else ''})",
                'print(f"validation accuracy {accuracy(model, *aside):.4f}")',
                f"images, labels = {test}",
            ]
        else:
            lines = [
                f"images, labels, *_ = {data}" if self.prepared else f"images, labels = {data}"
            ]
            if wants:
                lines += [
                    f"test = [tensor.to(device) for tensor in {test}]",
                    f"train(model, {arguments}, *test)",
                ]
            else:
                lines += [f"train(model, {arguments})", f"images, labels = {test}"]
        tested = wants and not aside
        return {
            "run": "".join(f"{STEP}{line}\n" for line in lines),
            "test": "*test" if tested else "images.to(device), labels.to(device)",
        }

    def _train(self) -> list[str]:
        """The function that trains."""
        training = self.training
        call = optimizer_call(training)
        words = [f"{name}={value!r}" for name, value in call.keywords.items()]
        needs = RATE_NEEDS.get(training.schedule)
        lines = [f"optimizer = {call.name}({', '.join(['model.parameters()', *words])})"]
        if self._counted or self._settles or needs in {"batches", "steps"}:
            count = "len(images)"
            if self.drop_single:
                count = "count"
                alone = "(len(images) % BATCH_SIZE == 1)  # a last one is left out"
                lines.append(f"count = len(images) - {alone}")
            lines.append(f"batches = -(-{count} // BATCH_SIZE)  # in an epoch")
        if self._counted:
            lines.append("steps = min(STEPS, epochs * batches)")
        elif self._settles or needs == "steps":
            lines.append("steps = epochs * batches")
        if self._settles:
            kept = self.preparation.unchanged / 100
            lines.append(
                f"changing = round(steps * (1 - {kept!r}))  # then images stay as they are"
            )
        if self._counts:
            lines.append("step = 0")
        lines += [
            *self._counters(),
            "for epoch in range(1, epochs + 1):",
            f"{STEP}started = time.perf_counter()",
            f"{STEP}model.train()",
            f"{STEP}total = 0.0",
            *_indented(1, self._order()),
            f"{STEP}for indices in order.split(BATCH_SIZE):",
            *_indented(2, self._batch()),
            f"{STEP}seconds = time.perf_counter() - started",
            f"{STEP}{_EPOCH_SAID}",
            *_indented(1, self._look()),
        ]
        return [self._head(), *_indented(1, lines)]

    def _head(self) -> str:
        arguments = [
            "model: nn.Module",
            "images: torch.Tensor",
            "labels: torch.Tensor",
            "epochs: int",
        ]
        if measures(self.training):
            arguments += [f"{self._judge}_{what}: torch.Tensor" for what in ("images", "labels")]
        head = f"def train({', '.join(arguments)}) -> None:"
        if len(head) <= WIDTH:
            return head
        return "def train(\n" + "".join(f"{STEP}{a},\n" for a in arguments) + ") -> None:"

    def _order(self) -> list[str]:
        if not self.reference:
            return ["order = torch.randperm(len(images), device=images.device)"]
        return [
            'chance = torch.Generator().manual_seed(seed_of("order", epoch - 1))',
            "order = torch.randperm(len(images), generator=chance)",
        ]

    def _batch(self) -> list[str]:
        """A step."""
        training = self.training
        lines = []
        if self.drop_single:
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
        before, seen = self._seen()
        lines += before
        answer = f"apart(model, {seen})" if self.apart else f"model({seen})"
        if self.reference:
            lines.append('torch.manual_seed(seed_of("chance", step))  # dropout draws from it')
        if training.precision == "bfloat16" and not self.reference:
            lines += [
                "with torch.autocast(images.device.type, torch.bfloat16):",
                f"{STEP}logits = {answer}",
                f"loss = {loss}(logits.float(), labels[indices])",
            ]
        else:
            lines.append(f"loss = {loss}({answer}, labels[indices])")
        lines.append("loss.backward()")
        if training.clipping:
            lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.clipping!r})")
        lines += ["optimizer.step()", "total += loss.item() * len(indices)"]
        if self._counts:
            lines.append("step += 1")
        if self.reference:
            lines += [
                "if step <= LOSSES:",
                f'{STEP}print(f"step {{step}}: loss {{loss.item():.9g}}")',
            ]
        return [*lines, *self._stop()]

    def _seen(self) -> tuple[list[str], str]:
        """Lines that come before the network is asked, and what it then is handed."""
        changes, inside = self.changes(), self.preparation.scaling != "unit"
        if not changes:
            return [], "prepare(images[indices])"
        if inside:  # the scaling is done last
            asked = {
                (False, False): "by_chance=True",
                (False, True): "by_chance=step < changing",
                (True, False): "step",
                (True, True): "step if step < changing else None",
            }[self.reference, self._settles]
            seen = f"prepare(images[indices], {asked})"
            return ([f"x = {seen}"], "x") if self._settles else ([], seen)
        if not self._settles:
            return [], changes.format("prepare(images[indices])")
        changed = f"{STEP}x = {changes.format('x')}"
        return ["x = prepare(images[indices])", "if step < changing:", changed], "x"

    def _stop(self) -> list[str]:
        return ["if step == steps:", f"{STEP}break"] if self._counted else []

    def _counters(self) -> list[str]:
        lines = []
        if self.training.schedule == "plateau":
            lines.append('lowest, waited, plateaus = float("inf"), 0, 0')
        if self.training.stopping_patience:
            lines.append('best, stalled = float("inf"), 0')
        return lines

    def _look(self) -> list[str]:
        """What is done after an epoch with a look at the images to judge by."""
        training = self.training
        lines: list[str] = []
        gain = f"(1 - {LEAST_GAIN:g})"
        images = f"{self._judge}_images, {self._judge}_labels"
        if training.schedule == "plateau" or training.stopping_patience:
            lines.append(f"found = mean_loss(model, {images})")
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
                f"wrong = 100 * (1 - accuracy(model, {images}))",
                f"if wrong <= {training.target_error!r}:",
                f"{STEP}break  # as good as was wanted",
            ]
        return [*lines, *self._stop()]


_EPOCH_SAID = 'print(f"epoch {epoch}: training loss {total / len(images):.4f}, {seconds:.1f} s")'

_READ = '''\
def prepared(folder: Path, part: str) -> list[torch.Tensor]:
    """What is learned from or tested with, of a part, "train" or "t10k"."""
    images, labels = load(folder, part)
    arrays = chosen(images.numpy(), labels.numpy(), part == "train")
    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]


'''


def _indented(depth: int, lines: Sequence[str]) -> list[str]:
    return [STEP * depth + line for line in lines]
