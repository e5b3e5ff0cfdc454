"""The commands that look at networks and files: all but `train`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cnnviz.analysis import analyze
from cnnviz.atomic import check_replaceable, replacing
from cnnviz.cli.common import (
    GOOD,
    PROBLEM,
    UNUSABLE,
    check_works,
    classes_of,
    open_named,
    say,
)
from cnnviz.data.datasets import data_set
from cnnviz.export import TEXTS
from cnnviz.export.table import summary_json, summary_table
from cnnviz.files import SUFFIX, save_project
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    import argparse


def summary(options: argparse.Namespace) -> int:
    """Shapes, counts and problems of a network, as a table or as JSON."""
    opened, path = open_named(options.network)
    # A network alone belongs to no data set, and may end as it likes.
    alone = path is None or path.suffix != SUFFIX
    report = analyze(opened.project.network, None if alone else classes_of(opened.project))
    print(summary_json(report) if options.json else summary_table(report))
    return GOOD if report.problem is None else PROBLEM


def compare(options: argparse.Namespace) -> int:
    """Two networks layer by layer, as a table or as JSON."""
    from cnnviz.compare import compare as side_by_side
    from cnnviz.export.comparison import comparison_json, comparison_table

    opened = [open_named(name) for name in (options.left, options.right)]
    left, right = (found.project.network for found, _ in opened)
    # States of one project have uids of their own; those that come from places mean nothing.
    mine, others = (
        {layer.uid for path, layer in net.walk() if layer.uid != path} for net in (left, right)
    )
    related = bool(mine & others)
    comparison = side_by_side(analyze(left), analyze(right), same_origin=related)
    names = (left.name or options.left, right.name or options.right)
    text = comparison_json if options.json else comparison_table
    print(text(comparison, names))
    broken = comparison.left.problem or comparison.right.problem
    return GOOD if broken is None else PROBLEM


def predict(options: argparse.Namespace) -> int:
    """What a trained network sees in images."""
    opened, _ = open_named(options.file)
    known = data_set(opened.project.dataset)
    classes = known.classes
    report = analyze(opened.project.network, len(classes))
    check_works(report)
    if any(key not in opened.weights for key in report.tensor_keys()):
        raise UserError(
            Message(
                "{file} holds no weights for some of its layers. Train the network first: "
                "python -m cnnviz train.",
                file=options.file,
            )
        )
    import numpy as np

    from cnnviz.data.drawing import image_of_file

    images, paths = [], []
    for path in options.images:
        try:
            images.append(image_of_file(path, known))
            paths.append(path)
        except UserError as error:  # the others can still be looked at
            say(str(error))
    found = []
    if images:
        from cnnviz.engine.inline import explaining, probabilities

        with explaining("cpu"):
            rows = probabilities(opened.project, opened.weights, np.stack(images)).tolist()
        found = [
            (str(path), sorted(zip(classes, row, strict=True), key=lambda pair: -pair[1]))
            for path, row in zip(paths, rows, strict=True)
        ]
    if options.json:
        print(
            json.dumps(
                [{"image": path, "probabilities": dict(shares)} for path, shares in found], indent=1
            )
        )
    else:
        for path, shares in found:
            print(f"{path}: {', '.join(f'{name} {share:.1%}' for name, share in shares)}")
    return GOOD if len(found) == len(options.images) else UNUSABLE


def export(options: argparse.Namespace) -> int:
    """The network in the language of another program."""
    from cnnviz.export.formats import report_for, text_of, write

    opened, _ = open_named(options.network)
    project, name = opened.project, options.to
    report = report_for(name, project.network, classes_of(project))
    out: Path | None = options.out
    if name in ("pytorch", "reference", "keras", "onnx"):
        check_works(report)
    if out is None and name in TEXTS:
        print(text_of(name, project, report), end="")
        return GOOD
    if out is None:
        raise UserError(Message("An ONNX file is not text. Name it with --out FILE.onnx."))
    beside = None
    if name == "onnx":
        from cnnviz.data.greys import greys_of
        from cnnviz.engine.inline import explaining
        from cnnviz.engine.onnx import onnx_bytes
        from cnnviz.explain.prepared import input_words

        greys = greys_of(data_set(project.dataset).name).of(project.network.input.channels)
        about = input_words(project.preparation, greys)
        with explaining("cpu"):
            model = onnx_bytes(report, opened.weights, project.seed, about)
        with replacing(out) as stream:
            stream.write(model)
    else:
        weights = opened.weights
        if name == "reference":
            from cnnviz.engine.inline import beginning

            weights = beginning(report, weights, project.seed)
        beside = write(name, out, project, report, weights)
    say(f"Saved {out}." if beside is None else f"Saved {out} and its weights, {beside}.")
    return GOOD


def import_weights(options: argparse.Namespace) -> int:
    """Take weights from a safetensors file into a network, and save both."""
    from cnnviz.importing.matching import match, sizes
    from cnnviz.importing.tensor_file import open_tensors
    from cnnviz.transfer import with_normaliser

    opened, _ = open_named(options.network)
    check_replaceable(options.out)
    report = analyze(opened.project.network)
    matching = match(report, open_tensors(options.weights))
    taken = dict(matching.read())
    project = opened.project
    if options.imagenet:
        if project.network.input.channels != 3:
            raise UserError(
                Message("Only images of three channels can be normalised as for ImageNet.")
            )
        network, known = with_normaliser(project.network)
        project = msgspec.structs.replace(project, network=network)
        taken |= known
    save_project(options.out, project, {**opened.weights, **taken}, runs=opened.runs)
    total = len(report.tensor_keys())
    if options.json:
        print(
            json.dumps(
                {
                    "matched_by": matching.way,
                    "family": matching.family or None,
                    "matched": len(matching.matches),
                    "tensors": total,
                    "values": matching.values,
                    "missing": [
                        {"tensor": f"{miss.uid}.{miss.name}", "reason": str(miss.reason)}
                        for miss in matching.missing
                    ],
                    "unused": [
                        {"tensor": miss.name, "reason": str(miss.reason)}
                        for miss in matching.unused
                    ],
                }
            )
        )
        return GOOD
    print(f"{matching.said} {len(matching.matches):,} of {total:,} tensors were taken over.")
    for title, misses in (
        ("Left as they are in the network:", matching.missing),
        ("Not used from the file:", matching.unused),
    ):
        if misses:
            print(title)
        for miss in misses:
            name = f"{miss.uid}.{miss.name}" if miss.uid else miss.name
            print(f"  {name} {sizes(miss.shape)}: {miss.reason}")
    say(f"Saved {options.out}.")
    return GOOD
