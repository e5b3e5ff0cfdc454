"""The weights of the selected layer, large, as they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.engine.protocol.studies import Accuracies, Muted, Started, Starts
from cnnviz.explain import maps_behind
from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, TransposedConv2d
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from cnnviz.stock_kernels import arranged
from ui.colors import natural_limit
from ui.i18n import class_names, text, together, tr
from ui.inspector.grid_page import GridPage
from ui.inspector.kernel_choices import KernelChoices
from ui.inspector.kernel_editor import KernelEditor
from ui.inspector.kernel_glance import first_of, kernel_counts
from ui.inspector.kernels import kernels_of, place_of
from ui.inspector.painted import Painted
from ui.inspector.reading import absence, row_count
from ui.inspector.vector_view import VectorRow
from ui.numerals import significant
from ui.widgets.map_painter import Names

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.array_export import ArrayExport
    from ui.engine_client import EngineClient
    from ui.session import Session

SLOT, MUTED_SLOT = "kernels before", "muted"


class KernelsPage(GridPage):
    """Kernels per input channel; a dense layer's weights as maps of its input; vectors as bars."""

    _tensors: dict[str, np.ndarray]
    _kernels: np.ndarray | None

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        exports: ArrayExport,
        parent: QWidget | None = None,
    ) -> None:
        self._order: tuple[int, ...] = ()
        self._painted = Painted(session)
        self._chosen: tuple[str, int, int] | None = None
        """The layer, filter and channel of the kernel that is looked at alone."""
        self.choices, self.editor = KernelChoices(), KernelEditor()
        super().__init__(session, engine, exports, parent)
        self._column.insertWidget(1, self.choices)
        self._row.insertWidget(1, self.editor)
        self.editor.hide()
        self.choices.setVisible(bool(self._tensors))
        self.choices.changed.connect(self.show_picture)
        self.grid.clicked.connect(self._choose)
        self.editor.painted.connect(self._paint)
        self.editor.muted.connect(self._mute)
        self.editor.froze.connect(self._freeze)
        self.editor.left.connect(self._go_back)
        session.muted.changed.connect(self.show_picture)
        engine.studies.found.connect(self._take)

    def show_picture(self) -> None:
        """Show the newest weights."""
        session, picture = self._session, self._engine.picture
        uid = session.selection
        there = picture is not None and not picture.first  # else the page of one value has asked
        now = picture.weights.get(uid, {}) if picture is not None and there else {}
        now = self._painted.over(uid, now)
        self._tensors = self._of_age(uid, now)
        missing = self._none() or absence(session, self._engine)
        weight = self._tensors.get("weight")
        found = None if uid == INPUT_UID else kernels_of(session.report.row(uid), weight)
        self._kernels = None if found is None else found.values
        if self.choices.parent() is not None:  # else it would be a window of its own
            self.choices.setVisible(bool(now))
        self.choices.orders.setVisible(found is not None)
        self.heading.setText(tr("Weights") if self._kernels is None else tr("Kernels"))
        if found is None:
            self._order = ()
            self.grid.set_names(Names())  # those of another layer are none of this one
        if missing or not self._tensors:
            self.show_message(missing)
        elif found is not None:
            self.counts.setText(kernel_counts(*found))
            order = arranged(found.values, self.choices.order)
            self._order = tuple(order.tolist())
            names = self._order if self.choices.order != "number" else ()
            layer = session.report.row(uid).layer
            held = layer.held if isinstance(layer, Conv2d) else ()
            self.grid.set_names(Names(names, session.muted.of(uid), held))
            self.show_kernels(found.values[order])
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
        self._show_chosen()

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

    # --- as they were -------------------------------------------------------------------------

    def _of_age(self, uid: str, now: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The weights that the choice asks for; nothing while they are on their way."""
        if self.choices.age == "now" or not now:
            return now
        before = self._before(uid, now)
        if before is None:
            return {}
        if self.choices.age == "before":
            return before
        return {name: now[name] - values for name, values in before.items()}

    def _before(self, uid: str, now: dict[str, np.ndarray]) -> dict[str, np.ndarray] | None:
        """Before the newest run, else where the seed lets them begin."""
        run = self._session.runs.newest
        kept = (
            {} if run is None else {name: v for (u, name, _), v in run.initial.items() if u == uid}
        )
        if run is None or not _fits(kept, now):
            self._engine.studies.ask(SLOT, Starts(uid))
            answer = self._engine.studies.newest(SLOT)
            if self._engine.studies.about(SLOT) != Starts(uid) or answer is None:
                return None
            if not isinstance(answer.finding, Started):
                return None
            kept = {tensor.name: tensor.array() for tensor in answer.finding.tensors}
        return kept if _fits(kept, now) else None

    def _take(self, slot: str) -> None:
        if self.isVisible() and slot in {SLOT, MUTED_SLOT}:
            self.show_picture()

    # --- one kernel ---------------------------------------------------------------------------

    def _choose(self, index: int, _row: int, _column: int) -> None:
        if self._kernels is None or self.choices.age != "now":
            return
        place, channel = divmod(index, self._kernels.shape[1])
        self._chosen = (self._session.selection, self._order[place], channel)
        self._show_chosen()
        self.editor.grid.setFocus()

    def _go_back(self) -> None:
        self._chosen = None
        self._show_chosen()
        self.grid.setFocus()

    def _show_chosen(self) -> None:
        """Show the kernel that was chosen beside the others, as long as it is one of them."""
        uid, kernels = self._session.selection, self._kernels
        chosen = self._chosen
        there = chosen is not None and chosen[0] == uid and kernels is not None
        if chosen is None or not there or kernels is None or self.choices.age != "now":
            self.editor.hide()
            return
        _, unit, channel = chosen
        row = self._session.report.row(uid)
        if (
            unit >= len(kernels)
            or channel >= kernels.shape[1]
            or place_of(row, unit, channel) is None
        ):
            self.editor.hide()
            return
        muted = unit in self._session.muted.of(uid)
        title = tr("Filter {filter}, channel {channel}", filter=unit, channel=channel)
        limit = natural_limit(kernels) or 1.0
        layer = row.layer
        alone = isinstance(layer, Conv2d) and not layer.connections and not layer.frozen
        frozen = unit in layer.held if alone and isinstance(layer, Conv2d) else None
        kernel = kernels[unit, channel]
        self.editor.show_kernel(title, kernel, limit, muted=muted, frozen=frozen)
        self.editor.told.setText(self._effect())
        self.editor.show()

    def _paint(self, kernel: np.ndarray, on: bool) -> None:
        if self._chosen is None:
            return
        uid, unit, channel = self._chosen
        row = self._session.report.row(uid)
        place, weight = place_of(row, unit, channel), self._tensors.get("weight")
        if place is None or weight is None or weight.shape != row.tensors.get("weight"):
            return
        changed = weight.copy()
        changed[place] = kernel
        changed.flags.writeable = False
        # The others of the layer go along: what the engine has learned is not all known here yet.
        self._tensors = {**self._tensors, "weight": changed}
        label = Message("Paint a kernel of {layer}", layer=row.layer.name)
        self._painted.paint(uid, self._tensors, label, on=on)

    def _mute(self, _muted: object) -> None:
        if self._chosen is not None:
            self._session.muted.toggle(self._chosen[0], self._chosen[1])

    def _freeze(self, frozen: object) -> None:
        if self._chosen is not None:
            self._session.freeze_filter(self._chosen[0], self._chosen[1], frozen=bool(frozen))

    def _effect(self) -> str:
        """What the network is without all that is muted."""
        maps = self._session.muted.maps
        if not maps or self._session.report.problem is not None:
            return ""
        self._engine.studies.ask(MUTED_SLOT, Muted(maps))
        answer = self._engine.studies.newest(MUTED_SLOT)
        if answer is None or self._engine.studies.about(MUTED_SLOT) != Muted(maps):
            return tr("Testing without it…")
        found = answer.finding
        if not isinstance(found, Accuracies):
            return "" if answer.note is None else text(answer.note.message())
        losses = [
            (whole - rest) / there if there else 0.0
            for there, whole, rest in zip(found.there, found.whole, found.without, strict=True)
        ]
        worst = int(np.argmax(losses))
        said = [
            tr(
                "Accuracy without the muted filters: {without:.2f} %, with them: {whole:.2f} %.",
                without=100 * sum(found.without) / max(1, found.images),
                whole=100 * sum(found.whole) / max(1, found.images),
            )
        ]
        if losses[worst] > 0:
            said.append(
                tr(
                    "Class {name} loses most: {loss:.1f} %.",
                    name=class_names(self._session.dataset)[worst],
                    loss=100 * losses[worst],
                )
            )
        if answer.done < 1:
            said.append(tr("({percent:.0f} % of the test images)", percent=100 * answer.done))
        return together(said)

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
            place, channel = divmod(index, self._kernels.shape[1])
            unit = self._order[place]
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


def _fits(before: dict[str, np.ndarray], now: dict[str, np.ndarray]) -> bool:
    """Whether they are the same tensors."""
    return bool(before) and {n: v.shape for n, v in before.items()} == {
        n: v.shape for n, v in now.items()
    }
