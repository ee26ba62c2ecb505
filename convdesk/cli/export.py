# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk export``: a document as a Python program that needs ConvDesk no more."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from convdesk.cli.main import DONE
from convdesk.cli.stack import open_stack, shape_argument
from convdesk.lab.code import program
from convdesk.lab.code_layers import DIALECTS
from convdesk.media.atomic import replacing

EXAMPLE = """
convdesk export edges.convdesk --to torch -o edges.py
python edges.py input.npy output.npy
"""


def _library(name: str) -> str:
    """PyTorch has two names."""
    return {"pytorch": "torch"}.get(name.lower(), name.lower())


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("document", metavar="DOC", help="a .convdesk document")
    parser.add_argument("--to", required=True, choices=DIALECTS, type=_library, help="the library that it uses")
    parser.add_argument("--layer", metavar="NAME", help="stop after this layer; default: the last one")
    parser.add_argument("-o", "--out", metavar="FILE", help="write into this file; default: print")
    shape_argument(parser)


def run(args: Namespace) -> int:
    """Write the program."""
    stack = open_stack(args.document, args.shape)
    stages = stack.stages
    if args.layer is not None:
        stages = stages[: stack.state.index(args.layer) + 1]
    text = program(stages, args.to, Path(args.document).name)
    if args.out is None:
        print(text, end="")
        return DONE
    out = Path(args.out).expanduser().absolute()
    with replacing(out) as stream:
        stream.write(text.encode("utf-8"))
    print(out)
    return DONE
