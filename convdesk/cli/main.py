# SPDX-License-Identifier: GPL-3.0-or-later
"""From the words of a command line to a command, and from whatever it raises to one sentence and an exit code."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from typing import Any

DONE, FAILED, USAGE, LACKING = 0, 1, 2, 3
"""Exit codes: done; something failed, the rest was done; a senseless command line; the machine lacks something."""

COMMANDS = {
    "run": "apply a document to files, without a window",
    "summary": "list a document's layers: shapes, weights, cost, receptive fields",
    "explain": "say who computes a problem or a document's layers, and why",
    "backends": "list the backends, or verify one",
    "bench": "measure the implementations on this machine",
    "export": "write a document as a Python program of NumPy, SciPy, OpenCV or PyTorch",
    "shot": "photograph the window that shows a document, without a display",
    "info": "print versions, hardware and backends, for a bug report",
}
"""Every command is a module of this package with ``EXAMPLE``, ``arguments(parser)`` and ``run(args)``."""

HELP = """\
usage: convdesk [FILE ...]            open the desk, with a document or inputs
       convdesk COMMAND [ARGUMENT ...]

commands:
{commands}

options:
  -h, --help   show this text; convdesk COMMAND --help shows a command's
  --version    print the version

The window also takes --theme system|light|dark|contrast|projector.
A file whose name is that of a command opens as ./NAME.

examples:
  convdesk photo.jpg
  convdesk run edges.convdesk --input 'photos/*.jpg' --out results

exit codes: 0 done, 1 something failed and the rest was done, 2 usage, 3 the machine lacks something
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ConvDesk; returns the exit code.

    Parameters
    ----------
    argv
        Arguments after the program's name; default: those of the process.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _make_printable()
    if words[:1] in (["-h"], ["--help"]):
        print(HELP.format(commands="\n".join(f"  {name:<10} {what}" for name, what in COMMANDS.items())), end="")
        return DONE
    if words[:1] == ["--version"]:
        from convdesk import __version__

        print(f"convdesk {__version__}")
        return DONE
    name = words.pop(0) if words and words[0] in COMMANDS else "open"
    return call(name, words)


def call(name: str, words: Sequence[str]) -> int:
    """Run one command; whatever it raises becomes a sentence on standard error and an exit code."""
    from convdesk.cli.failure import report

    debug = "--debug" in words
    try:
        module = import_module(f"convdesk.cli.{name}")
        code: int = module.run(parser(name, module).parse_args(words))
        sys.stdout.flush()
        return code
    except SystemExit as done:  # argparse has printed its help, or what is wrong
        return int(done.code or 0)
    except BaseException as error:
        return report(name, error, debug)


def parser(name: str, module: Any) -> ArgumentParser:
    """The parser of a command, with its example and the options that all commands have."""
    prog = "convdesk" if name == "open" else f"convdesk {name}"
    text = COMMANDS.get(name, "open the desk")
    made = ArgumentParser(
        prog,
        description=f"{text[:1].upper()}{text[1:]}.",
        epilog="example:\n" + "\n".join(f"  {line}" for line in module.EXAMPLE.strip().splitlines()),
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.arguments(made)
    made.add_argument("--debug", action="store_true", help="show where in the program an error arose")
    return made


def _make_printable() -> None:
    """Where the terminal cannot show a sign, print a question mark for it and go on."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
