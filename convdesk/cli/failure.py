# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told when a command fails: one sentence, and an exit code for scripts."""

from __future__ import annotations

import os
import sys
import traceback

from convdesk.cli.main import FAILED, LACKING, USAGE
from convdesk.errors import BackendUnavailable, CommandRejected, ConvDeskError, ParameterError


class Usage(ConvDeskError):
    """The command line makes no sense, in a way that only the command can see."""


class Lacking(ConvDeskError):
    """The machine lacks something; the message names it and says how to get it."""


CODES: tuple[tuple[type[BaseException], int], ...] = (
    (Usage, USAGE),
    (ParameterError, USAGE),
    (CommandRejected, USAGE),
    (Lacking, LACKING),
    (BackendUnavailable, LACKING),
    (ImportError, LACKING),
)
"""Exit code by error; every other one is FAILED."""


def report(command: str, error: BaseException, debug: bool) -> int:
    """Print the sentence for an error, with the traceback when asked for; returns the exit code."""
    if isinstance(error, BrokenPipeError):  # the reader of our output has enough, as ``| head`` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if debug:
        traceback.print_exception(error)
    prog = "convdesk" if command == "open" else f"convdesk {command}"
    print(f"{prog}: {sentence(error)}", file=sys.stderr)
    return next((code for kind, code in CODES if isinstance(error, kind)), FAILED)


def sentence(error: BaseException) -> str:
    """What to say about an error."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, ImportError):
        name = (error.name or "").partition(".")[0]
        return f"{name} cannot be imported ({error})" if name else str(error)
    if isinstance(error, ConvDeskError | OSError):
        return " ".join(str(error).split())
    return f"something went wrong: {type(error).__name__}: {error} (--debug shows where)"
