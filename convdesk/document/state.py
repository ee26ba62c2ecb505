# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document is: a frozen value. Undo keeps old values, so that every edit can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from convdesk.errors import CommandRejected
from convdesk.network.layers import Layer
from convdesk.network.weights import Weights

INPUT = ""
"""The name under which the input stands beside the layers' names."""


@dataclass(frozen=True)
class SourceRef:
    """Where the input comes from; exactly one of ``path``, ``sample`` and ``embedded`` is set.

    Attributes
    ----------
    path
        Absolute path while a document is open; relative to the document in its file.
    sample
        Name of a sample that ships with the program, or of a synthetic input.
    embedded
        The input itself, ``(C, *spatial)``, with its ``kind`` and display range.
    sha256
        Of the file's bytes when it was first opened; "" when not known. A file that has changed is opened with a note.
    page
        Of a file with several.
    """

    path: str = ""
    sample: str = ""
    embedded: Weights | None = None
    kind: str = ""
    name: str = ""
    value_range: tuple[float, float] | None = None
    sha256: str = ""
    page: int | None = None


@dataclass(frozen=True)
class Range:
    """How values become light: the labelled mapping of a pane, never a change of the values."""

    lo: float
    hi: float


@dataclass(frozen=True)
class DocumentState:
    """A whole document.

    Attributes
    ----------
    source
        The input, or None for a document that only holds layers.
    layers
        First layer first; names are unique and not empty.
    chosen
        Name of the layer whose output is shown, or INPUT.
    ranges
        Display range by layer name, INPUT for the input; a missing one is fitted when first shown.
    unit
        The pinned output unit ``(channel, *position)`` of the chosen layer, or None.
    """

    source: SourceRef | None = None
    layers: tuple[Layer, ...] = ()
    chosen: str = INPUT
    ranges: tuple[tuple[str, Range], ...] = ()
    unit: tuple[int, ...] | None = None

    def index(self, name: str) -> int:
        """Position of a layer.

        Raises
        ------
        CommandRejected
            When there is none of that name.
        """
        for position, layer in enumerate(self.layers):
            if layer.name == name:
                return position
        have = ", ".join(repr(layer.name) for layer in self.layers) or "none"
        raise CommandRejected(f"No layer is called {name!r}; there are: {have}.")

    def layer(self, name: str) -> Layer:
        """The layer of that name; CommandRejected when there is none."""
        return self.layers[self.index(name)]

    def range_of(self, name: str) -> Range | None:
        """Display range of a layer, or None when it is to be fitted."""
        return dict(self.ranges).get(name)

    def with_range(self, name: str, span: Range | None) -> DocumentState:
        """The state with one display range changed; None forgets it."""
        rest = {key: value for key, value in self.ranges if key != name}
        if span is not None:
            rest[name] = span
        return replace(self, ranges=tuple(sorted(rest.items())))

    def fresh_name(self, stem: str) -> str:
        """``stem`` with the lowest number that makes a new layer name."""
        taken = {layer.name for layer in self.layers}
        number = 1
        while f"{stem}{number}" in taken:
            number += 1
        return f"{stem}{number}"
