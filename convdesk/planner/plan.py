# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of the planner: which implementation computes a problem, and why not another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from convdesk.backends.protocol import Backend, Implementation
from convdesk.network.problem import DTYPES, Problem

OTHER_OPERATOR = "computes "
"""How the refusal of an implementation of another operator begins."""


@dataclass(frozen=True)
class Plan:
    """A problem and who computes it. Nothing is left to decide.

    Attributes
    ----------
    problem
        The question.
    chosen
        Name of the implementation, like "native:direct".
    seconds
        What the implementation expects to take.
    refused
        (name, why) of every implementation, or backend, that will not or cannot take it.
    slower
        (name, predicted seconds) of the ones that would, fastest first.
    scratch_bytes
        Bytes of scratch a run needs.
    note
        What a person should know about the choice; mostly "".
    """

    problem: Problem
    chosen: str
    seconds: float
    refused: tuple[tuple[str, str], ...]
    slower: tuple[tuple[str, float], ...]
    scratch_bytes: int
    note: str = ""
    backend: Backend = field(repr=False, compare=False, kw_only=True)
    implementation: Implementation = field(repr=False, compare=False, kw_only=True)
    threads: int = field(repr=False, compare=False, kw_only=True)

    @cached_property
    def result(self) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and dtype of what a run writes."""
        return self.problem.result_shape, np.dtype(DTYPES[self.problem.dtype])

    @cached_property
    def on_host(self) -> bool:
        """Whether the backend computes in the memory of the host."""
        return bool(getattr(self.backend, "memory", "host") == "host")

    def explain(self) -> str:
        """The plan in a few lines of text: the chosen, the slower (how much), the refused (why).

        Returns
        -------
        str
            The problem's name on the first line, then one line per implementation; those of other operators, which
            refuse with "computes …", are counted on one line.
        """
        other = sum(why.startswith(OTHER_OPERATOR) for _, why in self.refused)
        scratch = f", {self.scratch_bytes:,} bytes of scratch" if self.scratch_bytes else ""
        rows = [("chosen", self.chosen, f"{duration(self.seconds)} predicted{scratch}")]
        rows += [("slower", name, self._behind(seconds)) for name, seconds in self.slower]
        rows += [("refused", name, why) for name, why in self.refused if not why.startswith(OTHER_OPERATOR)]
        width = max(len(name) for _, name, _ in rows)
        lines = [self.problem.name, *(f"  {word:<8} {name:<{width}}  {text}" for word, name, text in rows)]
        lines += [f"  other    {other} implementations of other operators"] if other else []
        return "\n".join([*lines, f"  note     {self.note}"] if self.note else lines)

    def __str__(self) -> str:
        return self.explain()

    def _behind(self, seconds: float) -> str:
        times = f", {seconds / self.seconds:.3g} times as long" if self.seconds > 0 else ""
        return f"{duration(seconds)} predicted{times}"


def duration(seconds: float) -> str:
    """Seconds for people: three digits and a unit.

    Examples
    --------
    >>> duration(0.00123)
    '1.23 ms'
    """
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
