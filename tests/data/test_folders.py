"""What is in a folder of pictures, found without opening one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from cnnviz.data import folders
from cnnviz.data.errors import AbsentError, DataError
from cnnviz.data.folders import ImageFolder, Listing, list_steps
from cnnviz.data.idx import drain

if TYPE_CHECKING:
    from pathlib import Path


def fill(folder: Path, **counts: int) -> None:
    """Empty files that are called pictures."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / f"{number:05}.png").touch()


def listed(folder: Path, classes: tuple[str, ...] | None = None) -> Listing:
    return drain(list_steps(folder, classes))


def test_a_folder_a_class_and_a_sixth_for_the_test(tmp_path: Path) -> None:
    fill(tmp_path, cat=60, dog=12)
    found = listed(tmp_path)
    assert found.classes == ("cat", "dog")
    assert (len(found.train), len(found.test)) == (60, 12)
    assert sum(each.label == 1 for each in found.test) == 2
    assert not {each.name for each in found.train} & {each.name for each in found.test}
    assert not found.parted
    assert found == listed(tmp_path)


def test_what_is_for_the_test_stays_when_pictures_come_along(tmp_path: Path) -> None:
    fill(tmp_path, cat=600, dog=12)
    before = {each.name for each in listed(tmp_path).test}
    (tmp_path / "dog" / "new.png").touch()
    after = {each.name for each in listed(tmp_path).test}
    assert len(before ^ after) <= 1


def test_two_pictures_of_a_class_go_to_one_part_each(tmp_path: Path) -> None:
    fill(tmp_path, cat=2, dog=1)
    found = listed(tmp_path)
    assert [each.label for each in found.train] == [0, 1]
    assert [each.label for each in found.test] == [0]


@pytest.mark.parametrize(("first", "second"), [("train", "test"), ("Training", "val")])
def test_a_folder_that_is_parted_stays_so(tmp_path: Path, first: str, second: str) -> None:
    fill(tmp_path / first, cat=5, dog=6)
    fill(tmp_path / second, cat=2, dog=1)
    found = listed(tmp_path)
    assert (len(found.train), len(found.test), found.parted) == (11, 3, True)
    assert found.train[0].name == f"{first}/cat/00000.png"
    assert found.classes == ("cat", "dog")


def test_classes_without_pictures_are_told(tmp_path: Path) -> None:
    fill(tmp_path, cat=3, dog=3, empty=0)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "read me.txt").touch()
    found = listed(tmp_path)
    assert found.classes == ("cat", "dog")
    assert found.empty == ("empty", "notes")


def test_the_classes_of_a_project_keep_their_labels(tmp_path: Path) -> None:
    fill(tmp_path, ant=3, cat=3, dog=3)
    found = listed(tmp_path, ("dog", "cat", "gone"))
    assert {each.label for each in found.train} == {0, 1}
    assert found.train[0].name.startswith("dog/")
    assert "gone" in found.empty


def test_other_files_hidden_ones_and_deep_ones(tmp_path: Path) -> None:
    fill(tmp_path, cat=2, dog=2)
    fill(tmp_path / "cat", deep=2)
    for name in ("._0.png", "Thumbs.db", ".DS_Store", "list.csv"):
        (tmp_path / "cat" / name).touch()
    (tmp_path / "loose.png").touch()
    fill(tmp_path, **{".git": 2})
    found = listed(tmp_path)
    assert found.classes == ("cat", "dog")
    assert len(found.train) + len(found.test) == 6


@pytest.mark.parametrize(
    ("counts", "said"), [({}, "holds 0 folders"), ({"cat": 9, "dog": 0}, "holds 1 folders")]
)
def test_one_class_is_too_few(tmp_path: Path, counts: dict[str, int], said: str) -> None:
    fill(tmp_path, **counts)
    with pytest.raises(DataError, match=f"{said}.*two classes at least"):
        listed(tmp_path)


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, a=3, b=3, c=3)
    monkeypatch.setattr(folders, "MAX_CLASSES", 2)
    with pytest.raises(DataError, match="3 folders with pictures, more than the 2 classes"):
        listed(tmp_path)
    monkeypatch.setattr(folders, "MAX_FILES", 5)
    with pytest.raises(DataError, match="more than 5 pictures"):
        listed(tmp_path)


def test_a_missing_folder_and_a_file(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="nowhere is not there"):
        listed(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(AbsentError, match="file is not there"):
        listed(tmp_path / "file")


def test_it_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, a=30, b=30)
    monkeypatch.setattr(folders, "_STEP_FILES", 10)
    told = list(list_steps(tmp_path))
    assert told == sorted(told)
    assert set(range(10, 61, 10)) <= set(told)


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    fill(tmp_path / "pictures", cat=2, dog=2)
    (tmp_path / "pictures" / "cat" / "round").symlink_to(tmp_path, target_is_directory=True)
    found = listed(tmp_path / "pictures")
    assert len(found.train) + len(found.test) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"height": 0},
        {"width": 513},
        {"channels": 2},
        {"classes": []},
        {"train_count": -1},
        {"x": 1},
    ],
)
def test_what_a_project_says_of_a_folder_has_limits(changes: dict[str, object]) -> None:
    good = {"path": "/p", "height": 8, "width": 8, "channels": 3, "classes": ["a", "b"]}
    assert msgspec.convert(good, ImageFolder).title == "p"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(good | changes, ImageFolder)
