"""What the program remembers of the person, not of the project. Damaged values mean defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from PySide6.QtCore import QByteArray, QSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RECENT = 8
DEFAULT_SMOOTHING = 30

Mode = Literal["light", "dark", "system", "contrast_light", "contrast_dark"]


def _store() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "CNNviz", "CNNviz")


def _text(key: str, default: str = "") -> str:
    value = _store().value(key, default)  # ini values come back as whatever they look like
    return value if isinstance(value, str) else default


def language() -> str:
    """The chosen language, or "" where none has been chosen."""
    code = _text("language")
    return code if code in ("en", "zh_CN") else ""


def set_language(code: str) -> None:
    """Remember the language."""
    _store().setValue("language", code)


def channels_first() -> bool:
    """Whether shapes are said with their channels first."""
    return _text("channels", "last") == "first"


def set_channels_first(first: bool) -> None:
    """Remember the order."""
    _store().setValue("channels", "first" if first else "last")


def theme_mode() -> Mode:
    """The chosen theme."""
    mode = _text("theme", "light")
    return cast("Mode", mode) if mode in get_args(Mode) else "light"


def set_theme_mode(mode: Mode) -> None:
    """Remember the theme."""
    _store().setValue("theme", mode)


def scale() -> float:
    """The chosen size of type, 1.0 to 2.0."""
    try:
        return min(max(float(_text("scale", "1")), 1.0), 2.0)
    except ValueError:
        return 1.0


def set_scale(value: float) -> None:
    """Remember the size of type."""
    _store().setValue("scale", str(value))


def threads() -> tuple[int, int]:
    """With how many threads the engine computes, and how many cores it leaves to other programs; no
    threads: one for each of the other cores."""
    words = _text("threads")
    if words == "free":
        return 0, 1
    return (int(words) if words.isascii() and words.isdecimal() and len(words) < 5 else 0), 0


def set_threads(threads: int, free: int) -> None:
    """Remember it."""
    _store().setValue("threads", "free" if free else str(threads))


def reduced_motion() -> bool:
    """Whether nothing is to move; the system may want that, too."""
    return _text("motion", "full") == "reduced"


def set_reduced_motion(reduced: bool) -> None:
    """Remember whether things move."""
    _store().setValue("motion", "reduced" if reduced else "full")


def smoothing() -> int:
    """Over how many steps the curves of training are smoothed; 0: they are not."""
    words = _text("curves/smoothing", str(DEFAULT_SMOOTHING))
    return min(int(words), 100_000) if words.isascii() and words.isdecimal() else DEFAULT_SMOOTHING


def set_smoothing(steps: int) -> None:
    """Remember it."""
    _store().setValue("curves/smoothing", str(steps))


def logarithmic_loss() -> bool:
    """Whether the loss has a logarithmic scale."""
    return _text("curves/loss") == "logarithmic"


def set_logarithmic_loss(logarithmic: bool) -> None:
    """Remember it."""
    _store().setValue("curves/loss", "logarithmic" if logarithmic else "linear")


def learning_rate_curve() -> bool:
    """Whether the learning rate is drawn below the other curves."""
    return _text("curves/rate") == "on"


def set_learning_rate_curve(on: bool) -> None:
    """Remember it."""
    _store().setValue("curves/rate", "on" if on else "off")


def projector() -> bool:
    """Whether the window is arranged for a projector."""
    return _text("projector", "off") == "on"


def set_projector(on: bool) -> None:
    """Remember it."""
    _store().setValue("projector", "on" if on else "off")


def panels_before() -> list[str]:
    """The panels that were shown before the projector, by their keys."""
    return [key for key in _text("projector/panels").split(",") if key]


def set_panels_before(keys: Sequence[str]) -> None:
    """Remember them."""
    _store().setValue("projector/panels", ",".join(keys))


def size_before() -> tuple[int, int] | None:
    """Width and height of the window before the projector."""
    numbers = [int(word) for word in _text("projector/size").split("x") if word.isdecimal()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def set_size_before(width: int, height: int) -> None:
    """Remember them."""
    _store().setValue("projector/size", f"{width}x{height}")


def hints() -> bool:
    """Whether the first steps are shown as long as there are any left."""
    return _text("hints", "on") == "on"


def set_hints(on: bool) -> None:
    """Remember it."""
    _store().setValue("hints", "on" if on else "off")


def steps_done() -> list[str]:
    """The first steps that have been taken."""
    return [step for step in _text("hints/done").split(",") if step]


def set_steps_done(steps: Sequence[str]) -> None:
    """Remember them."""
    _store().setValue("hints/done", ",".join(steps))


def recent_files() -> list[Path]:
    """The files opened or saved last, the newest first; those that are gone are left out."""
    names = [name for name in _text("recent").split("\n") if name]
    return [path for path in map(Path, names) if path.exists()][:MAX_RECENT]


def add_recent(path: Path) -> None:
    """Put a file first."""
    rest = [known for known in recent_files() if known != path]
    _store().setValue("recent", "\n".join(map(str, [path, *rest][:MAX_RECENT])))


def clear_recent() -> None:
    """Forget the files."""
    _store().remove("recent")


def bytes_of(key: str) -> QByteArray:
    """A saved geometry or splitter state; empty where there is none."""
    value = _store().value(f"window/{key}")
    return value if isinstance(value, QByteArray) else QByteArray()


def set_bytes(key: str, value: QByteArray) -> None:
    """Remember a geometry or splitter state."""
    _store().setValue(f"window/{key}", value)


def sliding_picture() -> bool:
    """Whether the window of a layer is shown beside its settings."""
    return _text("sliding", "on") == "on"


def set_sliding_picture(on: bool) -> None:
    """Remember it."""
    _store().setValue("sliding", "on" if on else "off")


def slow_seconds(choices: Sequence[float]) -> float:
    """How long a step takes in slow motion: one of these, by default a second."""
    return next((each for each in choices if str(each) == _text("slow_motion")), 1.0)


def set_slow_seconds(seconds: float) -> None:
    """Remember it."""
    _store().setValue("slow_motion", str(seconds))
