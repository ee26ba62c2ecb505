# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a backend right? Every check on every problem and every implementation, as a list of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from convdesk.backends.protocol import Backend, Implementation
from convdesk.backends.registry import get_backend
from convdesk.network.problem import Problem
from convdesk.testing.checks import CHECKS, Check, Violation
from convdesk.testing.problems import problem_names


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found for one implementation on one problem.

    Attributes
    ----------
    problem, implementation, check
        Names; ``check`` is "" for a refusal.
    verdict
        "passed", "failed" or "refused".
    error
        Largest error met, in units of what is allowed.
    message
        What is wrong, or why the implementation refuses.
    """

    problem: str
    implementation: str
    check: str
    verdict: str
    error: float = 0.0
    message: str = ""


def verify(backend: str, problems: Iterable[str] | None = None) -> list[Verdict]:
    """Check a backend against the reference and the laws of the protocol.

    Parameters
    ----------
    backend
        Its name.
    problems
        Names of problems; default: the kit's own list.

    Returns
    -------
    list of Verdict
        By problem, then implementation, then check.

    Raises
    ------
    BackendUnavailable
        When there is no such backend, or it cannot be used here.
    """
    source = get_backend(backend)
    return [verdict for name in problems or problem_names() for verdict in verify_problem(source, Problem.parse(name))]


def verify_problem(backend: Backend, problem: Problem) -> Iterator[Verdict]:
    """Every check of every implementation of a backend on one problem."""
    for implementation in backend.implementations():
        why = implementation.refuse(problem)
        if why is not None:
            yield Verdict(problem.name, implementation.name, "", "refused", 0.0, why)
            continue
        for check in CHECKS:
            yield verify_check(backend, implementation, problem, check)


def verify_check(backend: Backend, implementation: Implementation, problem: Problem, check: Check) -> Verdict:
    """One check; whatever it raises is a verdict too."""
    names = problem.name, implementation.name, check.__name__
    try:
        error = check(backend, implementation, problem)
    except Violation as violation:
        return Verdict(*names, "failed", float("inf"), str(violation))
    except Exception as crash:  # a backend that crashes is wrong, and the other checks go on
        return Verdict(*names, "failed", float("inf"), f"{type(crash).__name__}: {crash}")
    if not error <= 1:
        return Verdict(*names, "failed", error, f"the error is {error:.3g} times what is allowed")
    return Verdict(*names, "passed", error)


def table(verdicts: Iterable[Verdict]) -> str:
    """Verdicts as text: a line for each problem and implementation, and every failure in full."""
    rows: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        rows.setdefault((verdict.problem, verdict.implementation), []).append(verdict)
    wide = [max((len(key[i]) for key in rows), default=0) for i in (0, 1)]
    lines = []
    for (problem, implementation), found in rows.items():
        failed = [verdict for verdict in found if verdict.verdict == "failed"]
        error = max(verdict.error for verdict in found)
        if found[0].verdict == "refused":
            told = f"refused  {found[0].message}"
        else:
            told = f"{'FAILED' if failed else 'passed'}   error {error:.3g} of what is allowed"
        lines.append(f"{problem:<{wide[0]}}  {implementation:<{wide[1]}}  {told}")
        lines += [f"    {verdict.check}: {verdict.message}" for verdict in failed]
    return "\n".join(lines)
