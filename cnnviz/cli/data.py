"""The command `data`: which data sets there are, and getting one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.cli.common import GOOD, say
from cnnviz.data.catalogue import DATA_SETS, key_of
from cnnviz.data.published import PACKAGES, is_here
from cnnviz.data.storage import data_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from cnnviz.data.fetching import Step

_DOING = {
    "fetching": "Fetching", "waiting": "Waiting for", "checking": "Checking",
    "unpacking": "Unpacking",
}  # fmt: skip


def list_data(options: argparse.Namespace) -> int:
    """Every data set that is known by name, and whether it is on this machine."""
    lines = [
        {
            "name": name,
            "title": str(known.title),
            "here": is_here(name),
            "package": known.package or None,
            "bytes": PACKAGES[known.package].size if known.package else 0,
            "classes": len(known.classes),
            "image": [known.height, known.width, known.channels],
            "train": known.train_count,
            "test": known.test_count,
            "about": str(known.about),
            "source": known.source,
            "licence": str(known.licence),
        }
        for name, known in DATA_SETS.items()
    ]
    if options.json:
        print(json.dumps(lines, indent=1))
        return GOOD
    for line in lines:
        megabytes = f"{line['bytes'] / 1e6:,.0f} MB to fetch"  # type: ignore[operator]
        state = "here" if line["here"] else megabytes
        print(f"{line['name']:<16} {state:<16} {line['about']}")
    say(f"Fetched ones are kept in {data_folder()}.")
    return GOOD


def get_data(options: argparse.Namespace) -> int:
    """Fetch a data set from the network."""
    from cnnviz.data.fetching import fetch_steps, missing, package_of

    package = package_of(key_of(options.name))
    if not missing(package):
        say(f"{options.name} is here already.")
        return GOOD
    _show(fetch_steps(package))
    say(f"{options.name} is here now.")
    return GOOD


def add_data(options: argparse.Namespace) -> int:
    """Take a data set from a file or a folder."""
    from cnnviz.data.fetching import add_steps, package_of

    path: Path = options.path
    _show(add_steps(package_of(key_of(options.name)), path))
    say(f"{options.name} is here now.")
    return GOOD


def _show(steps: Generator[Step, None, None]) -> None:
    """Go through steps with a progress bar on standard error; Ctrl+C keeps what has been done."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread that watches the bar
    bar = None
    doing: tuple[str, str] = ("", "")
    slow = 0.1 if sys.stderr.isatty() else 5
    try:
        for step in steps:
            if (step.doing, step.file) != doing:
                if bar is not None:
                    bar.close()
                doing = step.doing, step.file
                words = f"{_DOING[step.doing]} {step.file}"
                bar = tqdm(
                    total=step.total, desc=words, unit="B", unit_scale=True, file=sys.stderr,
                    mininterval=slow,
                )  # fmt: skip
            if bar is not None:
                bar.update(step.done - bar.n)
    finally:
        steps.close()
        if bar is not None:
            bar.close()
