# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers and writers of images, signals and volumes; lazy windows of large files; inputs made by a formula."""

from convdesk.media.open import dialog_filter, open_bytes, open_source, supported_suffixes
from convdesk.media.origin import available_memory
from convdesk.media.samples import Sample, digits, open_sample, samples
from convdesk.media.sinks import FORMATS, Sink, WriteReport, sink_for
from convdesk.media.source import KINDS, ArraySource, Note, Source
from convdesk.media.synthetic import SYNTHETIC, GeneratedSource, gigapixel, synthetic

__all__ = [
    "FORMATS",
    "KINDS",
    "SYNTHETIC",
    "ArraySource",
    "GeneratedSource",
    "Note",
    "Sample",
    "Sink",
    "Source",
    "WriteReport",
    "available_memory",
    "dialog_filter",
    "digits",
    "gigapixel",
    "open_bytes",
    "open_sample",
    "open_source",
    "samples",
    "sink_for",
    "supported_suffixes",
    "synthetic",
]
