"""A person with a display, a mouse, a keyboard and a home of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import Person

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@pytest.fixture(scope="module")
def person(
    request: pytest.FixtureRequest, xdisplay: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """Somebody who has the program and has never started it; a module is one story.

    In the end they leave the program, and it must have had nothing to complain of. Their pictures
    are in the folder CNNVIZ_SCREENSHOTS, where there is one.
    """
    story = Path(request.node.name).stem.removeprefix("test_")
    home = tmp_path_factory.mktemp(story)
    wanted = os.environ.get("CNNVIZ_SCREENSHOTS")
    somebody = Person(xdisplay, home, Path(wanted) / story if wanted else home / "pictures")
    try:
        yield somebody
        somebody.leave()
    finally:
        left = somebody.tidy()
    assert not left, "it has outlived the program"
    if not somebody.broken_off:  # else they are told beside the chapter that has failed
        assert not somebody.complaints()


@pytest.fixture(scope="module")
def at_work(person: Person) -> Person:
    """The same person with the program running from the first chapter of the story to the last."""
    person.start()
    person.look("started")
    return person


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What one wants to know when a journey fails: the picture, and what the program says.

    Then its program is ended, before anybody looks for what the test has left behind.
    """
    report = yield
    somebody = item.funcargs.get("person")
    if report.failed and isinstance(somebody, Person):
        somebody.look("failed")
        words = f"{somebody.last_picture}\n{somebody.complaints() or 'no complaints'}"
        report.sections.append(("last picture, and what the program complains of", words))
        somebody.break_off()
    return report
