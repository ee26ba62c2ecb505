# SPDX-License-Identifier: GPL-3.0-or-later
"""The .convdesk file: one versioned JSON text that holds a whole document. Never pickle, never eval.

Small arrays stand inline at full precision, so that a difference between two files can be read; larger ones are
base64 of the .npy format. A layer is written from its own fields, so that a new kind of layer needs nothing here.
"""

from __future__ import annotations

import base64
import io
import os
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from convdesk.document.jsontext import dump
from convdesk.document.state import INPUT, DocumentState, Range, SourceRef
from convdesk.errors import ConvDeskError, FormatError
from convdesk.media.atomic import replacing
from convdesk.network.layers import KINDS, Layer
from convdesk.network.weights import Weights

FORMAT = "convdesk"
VERSION = 1
INLINE = 4096
"""Arrays of up to this many numbers are written as numbers."""


class _Source(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    path: str = ""
    sample: str = ""
    embedded: dict[str, Any] | None = None
    kind: str = ""
    name: str = ""
    value_range: tuple[float, float] | None = None
    sha256: str = ""
    page: int | None = None


class _View(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    chosen: str = INPUT
    ranges: dict[str, tuple[float, float]] = {}
    unit: list[int] | None = None


class _Head(msgspec.Struct):
    format: str
    version: int


class _Document(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    format: str
    version: int
    program: str = ""
    source: _Source | None = None
    layers: list[dict[str, Any]] = []
    view: _View = msgspec.field(default_factory=_View)


def save(state: DocumentState, path: Path) -> None:
    """Write a document; the file is replaced at once or not at all.

    A source given by a path is written relative to the document's folder.
    """
    text = dump(to_json(state, path.parent))
    with replacing(path) as stream:
        stream.write(text.encode("utf-8"))


def load(path: Path) -> DocumentState:
    """Read a document.

    Raises
    ------
    FormatError
        When the file is missing, is no document, is damaged (with the place), or comes from a newer version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"‘{path.name}’ could not be opened: {(error.strerror or str(error)).lower()}.") from error
    return from_json(data, path)


def to_json(state: DocumentState, folder: Path) -> dict[str, Any]:
    """The document as plain values, in the order in which a person would read them."""
    source = None
    if state.source is not None:
        ref = state.source
        path = os.path.relpath(ref.path, folder).replace(os.sep, "/") if ref.path else ""
        embedded = _array(ref.embedded) if ref.embedded is not None else None
        source = _Source(path, ref.sample, embedded, ref.kind, ref.name, ref.value_range, ref.sha256, ref.page)
    view = _View(
        state.chosen,
        {name: (span.lo, span.hi) for name, span in state.ranges},
        list(state.unit) if state.unit else None,
    )
    layers = [_layer_to_json(layer) for layer in state.layers]
    built: dict[str, Any] = msgspec.to_builtins(_Document(FORMAT, VERSION, _program(), source, layers, view))
    return built


def from_json(data: bytes, path: Path) -> DocumentState:
    """The document in these bytes; ``path`` names the file in errors and anchors relative paths."""
    if not data.strip():
        raise FormatError(f"‘{path.name}’ could not be opened: it is empty ({len(data)} bytes).")
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FormatError(f"‘{path.name}’ is not a ConvDesk document, or it is damaged: {error}.") from error
    if head.format != FORMAT:
        raise FormatError(f"‘{path.name}’ is not a ConvDesk document: its format is {head.format!r}.")
    if head.version > VERSION:
        raise FormatError(
            f"‘{path.name}’ was written by a newer ConvDesk: document version {head.version}, this program reads up to"
            f" {VERSION}. The file is unchanged."
        )
    try:
        document = msgspec.json.decode(data, type=_Document)
        layers = tuple(_layer_from_json(item, at) for at, item in enumerate(document.layers))
        source = _source_from_json(document.source, path.parent) if document.source else None
    except msgspec.MsgspecError as error:
        raise FormatError(f"‘{path.name}’ is damaged: {error}.") from error
    except ConvDeskError as error:
        raise FormatError(f"‘{path.name}’ is damaged: {error}") from error
    view = document.view
    names = [layer.name for layer in layers]
    if len(set(names)) != len(names) or "" in names:
        raise FormatError(
            f"‘{path.name}’ is damaged: layer names must be unique and not empty, got {', '.join(map(repr, names))}."
        )
    chosen = view.chosen if view.chosen in (*names, INPUT) else INPUT
    unit = tuple(view.unit) if view.unit and chosen == view.chosen else None
    ranges = tuple(sorted((name, Range(*span)) for name, span in view.ranges.items() if name in (*names, INPUT)))
    return DocumentState(source, layers, chosen, ranges, unit)


def _program() -> str:
    from importlib.metadata import version

    return version("convdesk")


def _source_from_json(source: _Source, folder: Path) -> SourceRef:
    given = [what for what in ("path", "sample", "embedded") if getattr(source, what)]
    if len(given) != 1:
        raise FormatError(f"source: expected one of path, sample and embedded, got {', '.join(given) or 'none'}")
    embedded = _weights(source.embedded, "source.embedded") if source.embedded else None
    path = os.path.normpath(folder.absolute() / source.path) if source.path else ""
    return SourceRef(
        path, source.sample, embedded, source.kind, source.name, source.value_range, source.sha256, source.page
    )  # fmt: skip


def _layer_to_json(layer: Layer) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": layer.kind, "name": layer.name}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name == "name" or (field.default is not MISSING and _same(value, field.default)):
            continue
        written[field.name] = _array(value) if isinstance(value, Weights) else value
    return written


def _same(value: Any, default: Any) -> bool:
    """Equal and of the same type: 1 and True are different arguments."""
    return type(value) is type(default) and bool(value == default)


def _layer_from_json(item: dict[str, Any], at: int) -> Layer:
    where = f"layers[{at}] {item.get('name', '')!r}"
    kind = item.get("kind")
    if kind not in KINDS:
        raise FormatError(f"{where}: unknown kind {kind!r}, expected one of {', '.join(KINDS)}.")
    known = {field.name for field in fields(KINDS[kind])}
    arguments = {key: value for key, value in item.items() if key != "kind"}
    if unknown := sorted(set(arguments) - known):
        raise FormatError(f"{where}: {kind} has no {unknown[0]!r}.")
    for key, value in arguments.items():
        if isinstance(value, dict):
            arguments[key] = _weights(value, f"{where}.{key}")
    try:
        layer: Layer = KINDS[kind](**arguments)
    except (ConvDeskError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: {error}.") from error
    if not isinstance(layer.name, str) or not isinstance(layer.enabled, bool):
        raise FormatError(f"{where}: name must be a text and enabled true or false.")
    return layer


def _array(weights: Weights) -> dict[str, Any]:
    array = weights.array
    if array.size <= INLINE and np.isfinite(array).all():  # JSON has no NaN
        return {"dtype": array.dtype.name, "values": array.tolist()}
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return {"npy": base64.b64encode(stream.getvalue()).decode("ascii")}


def _weights(item: dict[str, Any], where: str) -> Weights:
    try:
        if "npy" in item:
            stream = io.BytesIO(base64.b64decode(item["npy"], validate=True))
            return Weights(np.load(stream, allow_pickle=False))
        if item.get("dtype") not in ("float32", "float64"):
            raise ValueError(f"dtype {item.get('dtype')!r}, expected float32 or float64")
        values = np.array(item["values"], dtype=item["dtype"])
        if not np.isfinite(values).all():
            raise ValueError("it holds something that is not a finite number")
        return Weights(values)
    except (KeyError, TypeError, ValueError, EOFError) as error:
        raise FormatError(f"{where} is no array: {error}") from error


def embed(state: DocumentState, array: np.ndarray, value_range: tuple[float, float], kind: str) -> DocumentState:
    """The state with its source inside: ``(C, *spatial)``, float32."""
    ref = state.source or SourceRef()
    inside = SourceRef("", "", Weights(np.asarray(array, np.float32)), kind, ref.name, value_range)
    return replace(state, source=inside)
