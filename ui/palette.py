"""The named colours of all themes, as "#rrggbb".

Whatever is text has a contrast of at least 4.5:1 on every background that it is put on (WCAG 2.2,
success criterion 1.4.3), and of at least 7:1 in the themes of high contrast (1.4.6), where what can
be pressed is outlined with 3:1 as well (1.4.11); tests/ui/test_theme.py computes it. The colours
of the families stay apart for all common kinds of colour blindness.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """What each colour means. `..._ink` is for text and thin lines, `..._soft` lies behind it."""

    window: str
    surface: str
    """Panels, cards and fields."""
    canvas: str
    """Behind the cards."""
    canvas_dot: str
    hover: str
    border: str
    """Around what can be pressed or typed into."""
    border_soft: str
    """Between panels, around cards."""
    arrow: str

    text: str
    heading: str
    label: str
    text_muted: str
    disabled: str

    accent: str
    accent_hover: str
    accent_text: str
    """On `accent`."""
    accent_ink: str
    accent_soft: str

    danger: str
    danger_ink: str
    danger_soft: str
    warning_ink: str
    warning_soft: str
    ok: str
    ok_soft: str

    highlight: str
    """Behind a computed result."""
    highlight_text: str
    track: str
    """Behind a bar."""
    track_mark: str
    """A bar that is not the longest."""
    tooltip: str
    tooltip_text: str

    families: Mapping[str, str] = field(repr=False)
    """The colour of each family of layers, for stripes and dots (3:1 on surfaces)."""
    formula: Mapping[str, str] = field(repr=False)
    """The colour of the numbers in formulas, by the field that they come from."""
    series: tuple[str, ...]
    """Lines of a chart and the words of its legend: training, test, others."""


LIGHT = Colors(
    window="#ffffff",
    surface="#ffffff",
    canvas="#f8fafc",
    canvas_dot="#e2e8f0",
    hover="#f1f5f9",
    border="#cbd5e1",
    border_soft="#e2e8f0",
    arrow="#94a3b8",
    text="#0f172a",
    heading="#334155",
    label="#475569",
    text_muted="#5b6b82",
    disabled="#8291a8",
    accent="#2563eb",
    accent_hover="#1d4ed8",
    accent_text="#ffffff",
    accent_ink="#1d4ed8",
    accent_soft="#dbeafe",
    danger="#dc2626",
    danger_ink="#b91c1c",
    danger_soft="#fef2f2",
    warning_ink="#92400e",
    warning_soft="#fffbeb",
    ok="#15803d",
    ok_soft="#f0fdf4",
    highlight="#fef3b8",
    highlight_text="#0f172a",
    track="#f1f5f9",
    track_mark="#cbd5e1",
    tooltip="#1e293b",
    tooltip_text="#f8fafc",
    families=MappingProxyType(
        {
            "input": "#64748b",
            "convolution": "#0046ca",
            "pooling": "#dd710d",
            "activation": "#1aa44c",
            "dense": "#7e39f5",
            "normalisation": "#007a73",
            "dropout": "#8291a8",
            "reshaping": "#64748b",
            "branches": "#d51d76",
        }
    ),
    formula=MappingProxyType(
        {
            "input": "#0f766e",
            "padding": "#be185d",
            "dilation": "#7c3aed",
            "kernel": "#2563eb",
            "stride": "#b45309",
            "filters": "#c81e1e",
            "units": "#c81e1e",
            "channels": "#0f766e",
            "groups": "#4d6a0c",
        }
    ),
    series=("#2563eb", "#b45309", "#0f766e", "#7c3aed"),
)

DARK = Colors(
    window="#0b1120",
    surface="#111827",
    canvas="#0b1120",
    canvas_dot="#222d40",
    hover="#1e293b",
    border="#3b4a61",
    border_soft="#243044",
    arrow="#64748b",
    text="#f1f5f9",
    heading="#dbe3ed",
    label="#b8c4d4",
    text_muted="#94a3b8",
    disabled="#64748b",
    accent="#2f6bec",
    accent_hover="#2563eb",
    accent_text="#ffffff",
    accent_ink="#93c5fd",
    accent_soft="#1b315c",
    danger="#ef4444",
    danger_ink="#fca5a5",
    danger_soft="#3b1419",
    warning_ink="#fcd34d",
    warning_soft="#352810",
    ok="#4ade80",
    ok_soft="#0f2e1c",
    highlight="#4a3d0c",
    highlight_text="#fef9c3",
    track="#1e293b",
    track_mark="#475569",
    tooltip="#e2e8f0",
    tooltip_text="#0f172a",
    families=MappingProxyType(
        {
            "input": "#94a3b8",
            "convolution": "#4586ce",
            "pooling": "#f39e08",
            "activation": "#48de80",
            "dense": "#a78bfb",
            "normalisation": "#31d5c0",
            "dropout": "#94a3b8",
            "reshaping": "#94a3b8",
            "branches": "#e85a84",
        }
    ),
    formula=MappingProxyType(
        {
            "input": "#2dd4bf",
            "padding": "#f472b6",
            "dilation": "#b9a3fb",
            "kernel": "#7db4fb",
            "stride": "#fbb040",
            "filters": "#fb8e8e",
            "units": "#fb8e8e",
            "channels": "#2dd4bf",
            "groups": "#b5d15a",
        }
    ),
    series=("#6ea8fb", "#f5a640", "#2dd4bf", "#b9a3fb"),
)

CONTRAST_LIGHT = replace(
    LIGHT,
    canvas="#ffffff",
    canvas_dot="#c4c4c4",
    hover="#e8e8e8",
    border="#4d4d4d",
    border_soft="#8a8a8a",
    arrow="#333333",
    text="#000000",
    heading="#000000",
    label="#1a1a1a",
    text_muted="#333333",
    disabled="#6b6b6b",
    accent="#0037b3",
    accent_hover="#002a8a",
    accent_ink="#00308f",
    accent_soft="#dce8ff",
    danger="#a30000",
    danger_ink="#8b0000",
    danger_soft="#ffecec",
    warning_ink="#5c2e00",
    warning_soft="#fff3d6",
    ok="#004d1a",
    ok_soft="#e2f7e8",
    highlight="#ffe97a",
    highlight_text="#000000",
    track="#e8e8e8",
    track_mark="#767676",
    tooltip="#000000",
    tooltip_text="#ffffff",
    formula=MappingProxyType(
        {
            "input": "#00524a",
            "padding": "#8f0f45",
            "dilation": "#5415c0",
            "kernel": "#0037b3",
            "stride": "#6e3500",
            "filters": "#960c0c",
            "units": "#960c0c",
            "channels": "#00524a",
            "groups": "#344900",
        }
    ),
    series=("#0037b3", "#6e3500", "#00524a", "#5415c0"),
)

CONTRAST_DARK = replace(
    DARK,
    window="#000000",
    surface="#000000",
    canvas="#000000",
    canvas_dot="#404040",
    hover="#262626",
    border="#b3b3b3",
    border_soft="#7a7a7a",
    arrow="#d0d0d0",
    text="#ffffff",
    heading="#ffffff",
    label="#f0f0f0",
    text_muted="#d9d9d9",
    disabled="#8c8c8c",
    accent="#9ecbff",
    accent_hover="#c2deff",
    accent_text="#000000",
    accent_ink="#b0d5ff",
    accent_soft="#062a57",
    danger="#ff3333",
    danger_ink="#ffb8b8",
    danger_soft="#450000",
    warning_ink="#ffd966",
    warning_soft="#332400",
    ok="#7dffa8",
    ok_soft="#003314",
    highlight="#4d3e00",
    highlight_text="#fff8d6",
    track="#262626",
    track_mark="#8c8c8c",
    tooltip="#ffffff",
    tooltip_text="#000000",
    formula=MappingProxyType(
        {
            "input": "#5eead4",
            "padding": "#ff9ed0",
            "dilation": "#cbbaff",
            "kernel": "#9ecbff",
            "stride": "#ffc266",
            "filters": "#ffa8a8",
            "units": "#ffa8a8",
            "channels": "#5eead4",
            "groups": "#c8e36b",
        }
    ),
    series=("#9ecbff", "#ffc266", "#5eead4", "#cbbaff"),
)
