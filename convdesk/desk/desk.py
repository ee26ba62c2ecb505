# SPDX-License-Identifier: GPL-3.0-or-later
"""A document and an engine wired together: the only model that the window and the batch talk to.

Every change goes through :meth:`Desk.apply`; what a pane shows is asked for with :meth:`Desk.look` and arrives, tile
by tile, through ``delivered``. The desk asks again by itself after every edit, so that nobody shows a result that is
no longer true.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np

from convdesk.desk.views import THUMB, Subject, Views
from convdesk.document import fileformat
from convdesk.document.commands import Command, SetKernel, SetRange, SetSource
from convdesk.document.history import History
from convdesk.document.sources import open_reference, reference_to
from convdesk.document.state import INPUT, DocumentState, Range
from convdesk.engine.pipeline import Pipeline
from convdesk.engine.scheduler import TileResult
from convdesk.errors import CommandRejected, FormatError, ParameterError, ShapeError
from convdesk.geometry import Box, Span, whole
from convdesk.lab.ledger import Terms, terms
from convdesk.lab.ranges import Display, Ranges
from convdesk.lab.trace import Trace, trace
from convdesk.media.source import ArraySource, Source
from convdesk.network.stack import Reach, Stage, infer, reach, total_parameters
from convdesk.signals import Signal


class Desk:
    """One open document: its state, its input, its results.

    Parameters
    ----------
    workers
        Engine threads; default one less than there are cores, at least 1. They start with the first view.

    Attributes
    ----------
    changed
        ``(old state, new state)``, on the thread that made the change.
    delivered
        ``(TileResult)``, on a worker thread.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.changed = Signal()
        self.delivered = Signal()
        self.source: Source | None = None
        self.path: Path | None = None
        self.backend = "auto"
        self.ranges = Ranges()
        self._history = History(DocumentState())
        self._saved = self.state
        self._stages: list[Stage] = []
        self._views = Views(self._subject, self._deliver, workers)
        self._tokens = count(1)
        self._token = 0
        self._opened: dict[object, Source] = {}

    # ------------------------------------------------------------------------------------------------- documents
    @classmethod
    def open(cls, path: str | Path, workers: int | None = None) -> Desk:
        """A desk with a .convdesk document; FormatError with the sentence why when it cannot be read."""
        desk = cls(workers)
        desk.load(path)
        return desk

    def load(self, path: str | Path) -> None:
        """Open a document in this desk. When that fails the desk is as it was."""
        path = Path(path).absolute()
        state = fileformat.load(path)
        source = self._source_of(state)
        old = self.state
        self._history = History(state)
        self._saved, self.path = state, path
        self._adopt(source)
        self._refresh(old)

    def save(self, path: str | Path | None = None, embed: bool = False) -> Path:
        """Write the document, atomically; ``embed`` puts the input inside, so that the file stands alone."""
        target = Path(path).absolute() if path is not None else self.path
        if target is None:
            raise ParameterError("save: the document has no file yet, give a path")
        state = self.state
        if embed and self.source is not None:
            state = fileformat.embed(state, self.source.array(), self.source.value_range, self.source.kind)
        fileformat.save(state, target)
        self.path, self._saved = target, self.state
        return target

    def close(self) -> None:
        """Stop the engine's threads."""
        self._views.close()

    @property
    def state(self) -> DocumentState:
        """The document: a frozen value."""
        return self._history.state

    @property
    def title(self) -> str:
        """The document's file name, or "untitled"."""
        return self.path.name if self.path else "untitled"

    @property
    def modified(self) -> bool:
        """Whether something that an undo could take back differs from the file."""
        return (self.state.source, self.state.layers) != (self._saved.source, self._saved.layers)

    # ------------------------------------------------------------------------------------------------- editing
    def apply(self, command: Command, gesture: str | None = None) -> None:
        """Make an edit; edits of one gesture (a stroke, a drag) are one entry of the history.

        Raises
        ------
        CommandRejected
            With the sentence to show; nothing has changed.
        """
        old = self.state
        new = command.apply(old)
        if new == old:
            return
        source = self.source
        if new.source != old.source:
            source = self._source_of(new)
        if command.records:
            self._history.record(new, command.title, gesture)
        else:
            self._history.amend(new)
        if isinstance(command, SetRange | SetKernel):  # another kernel at a stroke is another picture
            self.ranges.forget(command.name)
        self._adopt(source)
        self._refresh(old)

    def end_gesture(self) -> None:
        """The hand was lifted: what comes next is another entry."""
        self._history.end_gesture()

    def cancel_gesture(self, gesture: str) -> None:
        """Take back everything that this gesture did."""
        old = self.state
        if self._history.cancel(gesture):
            self._refresh(old)

    def undo(self) -> None:
        """Go back one edit."""
        self._travel(self._history.undo)

    def redo(self) -> None:
        """Go forward one edit."""
        self._travel(self._history.redo)

    @property
    def undo_title(self) -> str | None:
        """What undo would take back."""
        return self._history.undo_title

    @property
    def redo_title(self) -> str | None:
        """What redo would do again."""
        return self._history.redo_title

    def set_backend(self, name: str) -> None:
        """Compute with this backend from now on; "auto" lets the planner choose."""
        self.backend = name
        self._refresh(self.state)

    # ------------------------------------------------------------------------------------------------- input
    def open_source(self, path: str | Path, page: int | None = None, gesture: str | None = None) -> None:
        """Open a file as the input; FormatError with the sentence to show, and the desk is as it was."""
        from convdesk.media.open import open_source

        self._take(open_source(path, page=page), page=page, gesture=gesture)

    def open_sample(self, name: str, gesture: str | None = None) -> None:
        """Open a sample as the input."""
        from convdesk.media.samples import open_sample

        self._take(open_sample(name), sample=name, gesture=gesture)

    def open_array(
        self, array: np.ndarray, kind: str | None = None, name: str = "pasted", gesture: str | None = None
    ) -> None:
        """Make an array ``(C, *spatial)`` the input; it becomes part of the document."""
        self._take(ArraySource(array, kind=kind, name=name), gesture=gesture)

    def _take(self, source: Source, sample: str = "", page: int | None = None, gesture: str | None = None) -> None:
        ref = reference_to(source, sample, page)
        self._opened[ref] = source
        self.apply(SetSource(ref), gesture)

    def _source_of(self, state: DocumentState) -> Source | None:
        if state.source is None:
            return None
        known = self._opened.get(state.source)
        if known is None:
            known = open_reference(state.source)
            self._opened[state.source] = known
        return known

    def _adopt(self, source: Source | None) -> None:
        if source is not self.source:
            self.source = source
            self._token = next(self._tokens)
            self.ranges.forget()
            # inputs of the history stay open, but only the last few: they may be large
            for ref in list(self._opened)[:-4]:
                if self._opened[ref] is not source:
                    del self._opened[ref]

    # ------------------------------------------------------------------------------------------------- questions
    @property
    def stages(self) -> list[Stage]:
        """Every layer in its place, with shapes or the sentence why it cannot run."""
        return self._stages

    def stages_to(self, name: str) -> list[Stage]:
        """Stages up to and including a layer; none for the input."""
        return [] if name == INPUT else self._stages[: self.state.index(name) + 1]

    def shape_of(self, name: str) -> tuple[int, tuple[int, ...]] | None:
        """(channels, spatial) of a layer's output or of the input; None when it cannot run."""
        if self.source is None:
            return None
        stages = self.stages_to(name)
        if not stages:
            return self.source.channels, self.source.spatial
        return None if stages[-1].error else (stages[-1].out_channels, stages[-1].out_spatial)

    def input_of(self, name: str) -> str:
        """Name of what a layer reads: the layer before it, or INPUT."""
        at = self.state.index(name)
        return self.state.layers[at - 1].name if at else INPUT

    def reach(self, name: str | None = None) -> Reach:
        """Receptive field size, jump and offset of a layer's units, by default the chosen one's."""
        if self.source is None:
            raise CommandRejected("There is no input.")
        return reach(self.stages_to(self.state.chosen if name is None else name), len(self.source.spatial))

    def facts(self) -> tuple[int, int]:
        """(weights and biases, multiply-adds) of the whole stack on the whole input."""
        return total_parameters(self.state.layers), sum(stage.macs for stage in self._stages)

    def value(self, layer: str, unit: tuple[int, ...]) -> float:
        """One exact value, now: ``unit`` is ``(channel, *position)``; only its field is computed."""
        source, stages = self._runnable(layer)
        box = tuple(Span(at, at + 1) for at in unit[1:])
        return float(Pipeline(source, stages, self.backend).evaluate(box, channels=unit[:1]).item())

    def trace(self, unit: tuple[int, ...], layer: str | None = None) -> Trace:
        """What a unit of the chosen layer reads, in every earlier layer."""
        source, stages = self._runnable(self.state.chosen if layer is None else layer)
        return trace(source, stages, unit)

    def terms(self, unit: tuple[int, ...], layer: str | None = None) -> Terms:
        """Every term behind a unit of the chosen layer."""
        source, stages = self._runnable(self.state.chosen if layer is None else layer)
        return terms(source, stages, unit, self.backend)

    def run(self, source: Source | np.ndarray | None = None, layer: str | None = None) -> np.ndarray:
        """A layer's whole output, float32 ``(C, *spatial)``, on the document's input or another one.

        Without ``layer`` the last one's. Several threads may run one desk side by side, as long as nobody edits it.

        Raises
        ------
        ShapeError
            When a layer cannot take its input; the message names it.
        CommandRejected
            When there is no layer of that name.
        """
        given = ArraySource(source) if isinstance(source, np.ndarray) else source
        given = given if given is not None else self.source
        if given is None:
            raise ParameterError("run: the document has no input, give one")
        layers = self.state.layers
        if layer is not None:
            layers = layers[: self.state.index(layer) + 1] if layer != INPUT else ()
        stages = infer(layers, given.channels, given.spatial)
        broken = next((stage for stage in stages if stage.error), None)
        if broken is not None:
            raise ShapeError(f"{broken.layer.name} cannot run: {broken.error}")
        shape = stages[-1].out_spatial if stages else given.spatial
        return np.ascontiguousarray(Pipeline(given, stages, self.backend).evaluate(whole(shape)))

    def _runnable(self, name: str) -> tuple[Source, list[Stage]]:
        stages = self.stages_to(name)
        if self.source is None:
            raise CommandRejected("There is no input.")
        if stages and stages[-1].error:
            raise CommandRejected(f"{name} cannot run: {stages[-1].error}.")
        return self.source, stages

    # ------------------------------------------------------------------------------------------------- seeing
    def look(
        self, pane: str, layer: str, box: Box, step: tuple[int, ...], channels: tuple[int, ...] | None = None
    ) -> None:
        """Show this box of a layer's output in a pane, every ``step``-th unit; newest wins.

        The box is grown to the lattice of ``step`` and clipped to what exists. Tiles arrive through ``delivered``
        now, and again after every edit that changes them, until :meth:`look_away`.
        """
        if self.source is None or layer not in self._names():
            self.look_away(pane)
        else:
            self._views.look(pane, layer, box, step, channels)

    def look_away(self, pane: str) -> None:
        """Nothing more for this pane."""
        self._views.look_away(pane)

    def display(self, layer: str) -> Display:
        """How a layer's values become light."""
        channels = (self.shape_of(layer) or (1, ()))[0]
        return self.ranges.display(layer, self.state.range_of(layer), self.source, channels)

    def fit_range(self, layer: str) -> Range:
        """A display range for what was last delivered of a layer."""
        return self.ranges.fit(layer, self.source)

    def wait(self, timeout: float = 60.0) -> bool:
        """Block until every view has been computed and delivered; False when the time ran out."""
        return self._views.wait(timeout)

    def _names(self) -> set[str]:
        return {INPUT, *(layer.name for layer in self.state.layers)}

    def _subject(self, layer: str) -> Subject | None:
        shape = self.shape_of(layer)
        if shape is None or self.source is None:
            return None
        return Subject(self.source, self._token, tuple(self.stages_to(layer)), *shape, self.backend)

    def is_current(self, result: TileResult) -> bool:
        """False for a tile of an input that has been replaced since."""
        return result.token == self._token

    def _deliver(self, result: TileResult) -> None:
        if not self.is_current(result):
            return
        self.ranges.note(result, glance=result.pane.startswith(THUMB))
        self.delivered.emit(result)

    def _travel(self, move: object) -> None:
        old = self.state
        state: DocumentState = move()  # type: ignore[operator]
        try:
            source = self._source_of(state)
        except FormatError as error:
            raise CommandRejected(str(error)) from error
        self._adopt(source)
        self._refresh(old)

    def _refresh(self, old: DocumentState) -> None:
        """Shapes anew, then everybody hears, then every pane is asked for again."""
        source = self.source
        self._stages = infer(self.state.layers, source.channels, source.spatial) if source is not None else []
        self.changed.emit(old, self.state)
        moved = old.source != self.state.source
        ndim = len(source.spatial) if source is not None else 0
        self._views.again(lambda layer: layer != INPUT or moved, self._names(), ndim)
