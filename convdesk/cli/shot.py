# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk shot``: the real window with a document in it, as a picture, without a display."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from convdesk.cli.main import DONE
from convdesk.cli.qt import need_qt, need_qt_libraries

EXAMPLE = "convdesk shot edges.convdesk -o desk.png --size 1280x800 --theme dark"
THEMES = ("light", "dark", "contrast", "projector")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("document", metavar="DOC", help="a .convdesk document")
    parser.add_argument("-o", "--out", required=True, metavar="FILE.png", help="where the picture goes")
    parser.add_argument("--size", type=window_size, default=(1280, 800), metavar="WxH", help="default: 1280x800")
    parser.add_argument("--theme", choices=THEMES, default="light", help="default: light")
    scale = "size of type and spacing, 0.85 to 2; default: 1, projector 1.5"
    parser.add_argument("--scale", type=ui_scale, metavar="S", help=scale)


def run(args: Namespace) -> int:
    """Photograph the window."""
    need_qt()
    need_qt_libraries()
    from convdesk.gui.shot import shoot

    document = Path(args.document).expanduser().absolute()
    out = Path(args.out).expanduser().absolute()
    made = shoot(document, out, size=args.size, theme=args.theme, scale=args.scale)
    print(made)
    return DONE


def ui_scale(text: str) -> float:
    """A factor from 0.85 to 2."""
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.85 <= scale <= 2:
        raise ArgumentTypeError(f"got {text!r}, expected a number from 0.85 to 2")
    return scale


def window_size(text: str) -> tuple[int, int]:
    """Width and height from "1280x800"."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (800 <= size[0] <= 16384 and 560 <= size[1] <= 16384):
        raise ArgumentTypeError(f"got {text!r}, expected width and height from 800x560, like 1280x800")
    return size
