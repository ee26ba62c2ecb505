# SPDX-License-Identifier: GPL-3.0-or-later
"""A document for the commands that look at its layers: with its own input's shape, or with one that was given."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from convdesk.cli.failure import Usage
from convdesk.document import fileformat
from convdesk.document.sources import open_reference
from convdesk.document.state import DocumentState
from convdesk.network.stack import Stage, infer


@dataclass(frozen=True)
class Stack:
    """Layers in their places, on an input of ``(channels, *spatial)``; ``name`` is the input's."""

    state: DocumentState
    name: str
    shape: tuple[int, ...]
    stages: list[Stage]


def shape_argument(parser: ArgumentParser) -> None:
    """Declare ``--shape``."""
    parser.add_argument("--shape", metavar="CxHxW", help="as if the input had this shape, like 3x480x640")


def open_stack(document: str, shape: str | None) -> Stack:
    """Read a document; with ``shape`` its input need not exist."""
    path = Path(document).expanduser().absolute()
    state = fileformat.load(path)
    if shape is not None:
        if not re.fullmatch(r"[1-9]\d*(x[1-9]\d*){1,3}", shape):
            raise Usage(f"--shape: got {shape!r}, expected channels and 1 to 3 sizes, like 3x480x640")
        sizes = tuple(map(int, shape.split("x")))
        name = "as given"
    elif state.source is None:
        raise Usage(f"‘{path.name}’ has no input of its own, give a shape with --shape")
    else:
        source = open_reference(state.source)
        sizes, name = source.shape, source.name
    return Stack(state, name, sizes, infer(state.layers, sizes[0], sizes[1:]))
