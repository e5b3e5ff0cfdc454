"""What a network will see of training images, while a person still sets how they are prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.data.datasets import data_set
from cnnviz.engine.augment import augmented, shifted
from cnnviz.engine.build import derived_seed
from cnnviz.engine.protocol import Tensor
from cnnviz.engine.protocol.studies import Foreseen, Outlook
from cnnviz.engine.sight import Sight
from cnnviz.engine.studies.found import Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench


def foresee(subject: Outlook, bench: Bench) -> Work:
    """Some of the images that are learned from, before and after, and how many there are."""
    assert bench.loaded is not None
    samples = yield from bench.samples()
    known, how = data_set(bench.loaded.dataset), subject.preparation
    division = bench.division(samples, how)
    yield None
    chance = np.random.default_rng(derived_seed(subject.seed, "outlook"))
    count = min(subject.count, len(division.train))
    chosen = np.sort(chance.choice(len(division.train), count, replace=False))
    images = samples.train_images[division.train[chosen]]
    sight = Sight(bench.loaded.network.input, how, known.name)
    plain = Sight(bench.loaded.network.input, None, known.name)
    with torch.inference_mode():
        before = plain.look(images, bench.device)
        x = sight.fitted(torch.from_numpy(sight.equalised(images)).to(bench.device))
        x = augmented(shifted(x, subject.shift, subject.seed, 0), how, subject.seed, 0)
        after = sight.scaled(x)
    classes = len(known.classes)

    def of_each(labels: np.ndarray) -> list[int]:
        counted: list[int] = np.bincount(labels, minlength=classes).tolist()
        return counted

    tested = np.isin(samples.test_labels, how.chosen(known.classes))
    low, high = sight.range
    yield Found(
        Foreseen(
            before=Tensor.of("", "", before.cpu().numpy()),
            after=Tensor.of("", "", after.cpu().numpy()),
            low=low,
            high=high,
            labels=samples.train_labels[division.train[chosen]].tolist(),
            taught=division.labels[chosen].tolist(),
            train=of_each(samples.train_labels[division.train]),
            validation=of_each(samples.train_labels[division.validation]),
            test=of_each(samples.test_labels[tested]),
            there=len(samples.train_labels),
        ),
        1,
    )
