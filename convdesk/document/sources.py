# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a document says of its input to the input, and back."""

from __future__ import annotations

from pathlib import Path

from convdesk.document.state import SourceRef
from convdesk.errors import FormatError, ParameterError
from convdesk.media.open import open_source
from convdesk.media.samples import open_sample
from convdesk.media.source import ArraySource, Note, Source
from convdesk.network.weights import Weights

HASHED = 256 << 20
"""Files up to this size are told apart by content; larger ones only by path."""


def reference_to(source: Source, sample: str = "", page: int | None = None) -> SourceRef:
    """How a document refers to an input: by sample name, by path, or with the values inside."""
    if sample:
        return SourceRef(sample=sample, name=source.name)
    if source.path is not None:
        path = Path(source.path).absolute()
        digest = source.fingerprint if path.stat().st_size <= HASHED else ""
        return SourceRef(path=str(path), name=source.name, sha256=digest, page=page)
    return SourceRef(
        embedded=Weights(source.array()), kind=source.kind, name=source.name, value_range=source.value_range
    )


def open_reference(ref: SourceRef) -> Source:
    """Open what a document refers to.

    Raises
    ------
    FormatError
        When the file is missing or damaged, or the sample does not exist in this version.
    """
    if ref.sample:
        try:
            return open_sample(ref.sample)
        except ParameterError as error:
            raise FormatError(f"The document's input cannot be opened: {error}.") from error
    if ref.embedded is not None:
        return ArraySource(
            ref.embedded.array, kind=ref.kind or None, name=ref.name or "embedded", value_range=ref.value_range
        )
    source = open_source(ref.path, page=ref.page)
    if ref.sha256 and source.fingerprint != ref.sha256:
        note = Note("file has changed", f"‘{source.name}’ is not the file that this document was saved with.")
        # nobody else has this source yet, so its description may still be completed
        object.__setattr__(source, "notes", (*source.notes, note))
    return source
