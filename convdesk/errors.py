# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error that ConvDesk raises on purpose.

A message says what failed, where, what it got and what it expected, because the desk shows it as it stands.
Each class also derives from the built-in error that a caller who has never heard of ConvDesk would catch.
"""

from __future__ import annotations


class ConvDeskError(Exception):
    """Base of every error that ConvDesk raises on purpose."""


class ShapeError(ConvDeskError, ValueError):
    """An array has the wrong number of axes or the wrong size."""


class ParameterError(ConvDeskError, ValueError):
    """An argument has a value that has no meaning."""


class DTypeError(ConvDeskError, TypeError):
    """An array has a data type, or lives in a memory, that the operation does not take."""


class BackendUnavailable(ConvDeskError, RuntimeError):
    """The backend that was asked for cannot be used here; the message says why."""


class BackendError(ConvDeskError, RuntimeError):
    """A backend failed while it computed, or refused a problem it was the only candidate for."""


class FormatError(ConvDeskError, ValueError):
    """A file or document is damaged, of an unknown kind, or newer than this program."""


class CommandRejected(ConvDeskError):
    """An edit of the document is impossible; the message is the sentence that the window shows."""
