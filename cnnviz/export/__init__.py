"""Networks in the languages of others. Text and arrays only; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from cnnviz.message import Message


class Format(Struct, frozen=True):
    """What a person reads of a format, and the suffix of its files."""

    title: Message
    suffix: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "pytorch": Format(Message("PyTorch program"), ".py"),
        "reference": Format(Message("PyTorch reference script"), ".py"),
        "keras": Format(Message("Keras program"), ".py"),
        "onnx": Format(Message("ONNX model"), ".onnx"),
        "svg": Format(Message("SVG drawing"), ".svg"),
        "png": Format(Message("PNG picture"), ".png"),
        "pdf": Format(Message("PDF page"), ".pdf"),
        "markdown": Format(Message("Markdown table"), ".md"),
        "csv": Format(Message("CSV table"), ".csv"),
    }
)
"""By the names that the command line has for them."""

TEXTS = ("pytorch", "reference", "keras", "svg", "markdown", "csv")
"""Those that are text, which `cnnviz.export.formats` writes."""
