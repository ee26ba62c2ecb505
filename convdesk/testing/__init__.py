# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit that an author of a backend runs.

``verify("mine")`` needs nothing but NumPy; ``BackendConformance`` is the same as a test class, for pytest::

    from convdesk.testing import BackendConformance

    class TestMine(BackendConformance):
        backend = "mine"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convdesk.testing.conformance import Verdict, table, verify
from convdesk.testing.problems import operands, problem_names

if TYPE_CHECKING:
    from convdesk.testing.case import BackendConformance

__all__ = ["BackendConformance", "Verdict", "operands", "problem_names", "table", "verify"]


def __getattr__(name: str) -> Any:
    if name == "BackendConformance":
        from convdesk.testing.case import BackendConformance

        return BackendConformance
    raise AttributeError(f"module 'convdesk.testing' has no attribute {name!r}")
