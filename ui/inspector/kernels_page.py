"""The weights of the selected layer, large, as they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain import maps_behind
from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, TransposedConv2d
from cnnviz.network import INPUT_UID
from ui.colors import natural_limit
from ui.i18n import tr
from ui.inspector.grid_page import GridPage
from ui.inspector.kernel_glance import first_of, kernel_counts
from ui.inspector.kernels import kernels_of
from ui.inspector.reading import absence, row_count
from ui.inspector.vector_view import VectorRow
from ui.numerals import significant

if TYPE_CHECKING:
    import numpy as np


class KernelsPage(GridPage):
    """Kernels per input channel; a dense layer's weights as maps of its input; vectors as bars."""

    _tensors: dict[str, np.ndarray]
    _kernels: np.ndarray | None

    def show_picture(self) -> None:
        """Show the newest weights."""
        session, picture = self._session, self._engine.picture
        uid = session.selection
        there = picture is not None and not picture.first  # else the page of one value has asked
        self._tensors = picture.weights.get(uid, {}) if picture is not None and there else {}
        missing = self._none() or absence(session, self._engine)
        weight = self._tensors.get("weight")
        found = None if uid == INPUT_UID else kernels_of(session.report.row(uid), weight)
        self._kernels = None if found is None else found.values
        self.heading.setText(tr("Weights") if self._kernels is None else tr("Kernels"))
        if missing or not self._tensors:
            self.show_message(missing)
        elif found is not None:
            self.counts.setText(kernel_counts(*found))
            self.show_kernels(found.values)
        elif weight is None or weight.ndim == 1:
            rows = [
                VectorRow(self._title(name), values, natural_limit(values))
                for name, values in self._tensors.items()
                if values.ndim == 1
            ]
            self.counts.setText("")
            self.show_vectors(rows)
        elif weight.ndim == 2:
            self._show_dense(weight)
        else:
            maps, height, width = weight.shape[-3:]
            self.counts.setText(tr("{n:,} of {height}×{width}", n=maps, height=height, width=width))
            self.show_maps(weight)

    def one(self) -> str:
        """What the maps are counted as in a table."""
        return tr("filter")

    def _show_dense(self, weight: np.ndarray) -> None:
        """Weights (units, inputs); the inputs of a unit are folded back to the maps before it."""
        (units, inputs), count = weight.shape, row_count(self._session, weight)
        maps = maps_behind(self._session.report, self._session.selection)
        if maps is not None and maps.size == inputs:
            folded = weight.reshape(units, maps.channels, maps.height, maps.width)
            self.counts.setText(kernel_counts(folded, count))
            self.show_kernels(folded, units=True)
        else:
            self.counts.setText(
                first_of(units, count, f"{inputs:,}")
                if units < count
                else tr("{units:,} of {inputs:,}", units=units, inputs=inputs)
            )
            limit = natural_limit(weight)
            self.show_vectors(
                [
                    VectorRow(tr("unit {index}", index=unit), values, limit)
                    for unit, values in enumerate(weight)
                ]
            )

    def _none(self) -> str:
        """The sentence for what never has weights."""
        uid = self._session.selection
        if uid == INPUT_UID:
            return tr("The input has no weights: it is the image itself.")
        row = self._session.report.row(uid)
        if row.output is None or row.off or row.tensors:
            return ""
        return tr(
            "{layer} has no weights: it always does the same, so there is nothing to learn here.",
            layer=row.layer.name,
        )

    def retranslate(self) -> None:
        """Say everything in the present language."""
        super().retranslate()
        self.grid.setAccessibleName(tr("Weights"))

    def read_map(self, index: int, row: int, column: int, value: float) -> str:
        """A weight and its place, and the bias that belongs to it."""
        weight = self._tensors["weight"]
        if self._kernels is None and weight.ndim == 3:
            return tr(
                "map {map}, row {row}, column {column}: {value}",
                map=index,
                row=row,
                column=column,
                value=significant(value),
            )
        if self._kernels is not None:
            unit, channel = divmod(index, self._kernels.shape[1])
            layer = self._session.selected_layer
            if isinstance(layer, LocallyConnected2d):
                return self._read_local(layer, unit, channel, row, column, value)
            told = tr(
                "filter {filter}, channel {channel}, row {row}, column {column}: {value}",
                filter=unit,
                channel=channel + self._first_channel(unit, self._kernels.shape[1]),
                row=row,
                column=column,
                value=significant(value),
            )
        else:
            maps = maps_behind(self._session.report, self._session.selection)
            unit, channel = divmod(index, maps.channels if maps is not None else 1)
            told = tr(
                "unit {unit}, map {map}, row {row}, column {column}: {value}",
                unit=unit,
                map=channel,
                row=row,
                column=column,
                value=significant(value),
            )
        return self._with_bias(told, unit)

    def _read_local(
        self,
        layer: LocallyConnected2d,
        position: int,
        place: int,
        row: int,
        column: int,
        value: float,
    ) -> str:
        """A weight of one position's own filter."""
        output = self._session.report.row(layer.uid).output
        width = output.width if isinstance(output, Maps) else 1
        above, left = divmod(position, width)
        channels = self._tensors["weight"].shape[2] // (layer.kernel.height * layer.kernel.width)
        unit, channel = divmod(place, channels)
        told = tr(
            "position {above}, {left}, filter {filter}, channel {channel}, row {row}, "
            "column {column}: {value}",
            above=above,
            left=left,
            filter=unit,
            channel=channel,
            row=row,
            column=column,
            value=significant(value),
        )
        bias = self._tensors.get("bias")
        if bias is None:
            return told
        return f"{told}\n" + tr("bias: {value}", value=significant(float(bias[position, unit])))

    def read_vector(self, row: int, index: int, value: float) -> str:
        """A number and what it belongs to."""
        weight = self._tensors.get("weight")
        if weight is not None and weight.ndim == 2:
            told = tr(
                "unit {unit}, input {input}: {value}",
                unit=row,
                input=index,
                value=significant(value),
            )
            return self._with_bias(told, row)
        names = [name for name, values in self._tensors.items() if values.ndim == 1]
        return tr(
            "{name} of map {index}: {value}",
            name=self._title(names[row]),
            index=index,
            value=significant(value),
        )

    def _with_bias(self, told: str, unit: int) -> str:
        bias = self._tensors.get("bias")
        if bias is None:
            return told
        return f"{told}\n" + tr("bias: {value}", value=significant(float(bias[unit])))

    def _first_channel(self, kernel: int, channels: int) -> int:
        """With groups, the input map that a filter's channel 0 is."""
        layer = self._session.selected_layer
        if not isinstance(layer, Conv2d | TransposedConv2d):
            return 0
        return kernel // max(1, layer.filters // layer.groups) * channels

    @staticmethod
    def _title(name: str) -> str:
        titles = {
            "weight": tr("factor"),
            "bias": tr("offset"),
            "running_mean": tr("running mean"),
            "running_var": tr("running variance"),
        }
        return titles.get(name, name)
