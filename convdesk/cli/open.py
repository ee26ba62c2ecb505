# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk [FILE …]``: the window."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from difflib import get_close_matches
from pathlib import Path

from convdesk.cli.failure import Usage
from convdesk.cli.main import COMMANDS
from convdesk.cli.qt import need_qt

EXAMPLE = "convdesk photo.jpg"
THEMES = ("system", "light", "dark", "contrast", "projector")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a document, and inputs, to open")
    parser.add_argument("--theme", choices=THEMES, help="default: the one of last time")


def run(args: Namespace) -> int:
    """Open the window; returns when it is closed."""
    if args.files and not Path(args.files[0]).exists():
        word = args.files[0]
        alike = get_close_matches(word, COMMANDS, 1)
        hint = f"did you mean ‘convdesk {alike[0]}’?" if alike else "convdesk --help lists the commands"
        raise Usage(f"there is no file and no command called ‘{word}’; {hint}")
    need_qt()
    from convdesk.gui.app import run as show

    return show([str(Path(file).absolute()) for file in args.files], args.theme)
