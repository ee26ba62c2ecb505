# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit as a test class: the only file of the kit that needs pytest."""

from __future__ import annotations

from typing import ClassVar

import pytest

from convdesk.backends.protocol import Backend
from convdesk.backends.registry import REGISTRY, Broken, get_backend, probe
from convdesk.network.problem import Problem
from convdesk.testing import checks
from convdesk.testing.conformance import verify_check
from convdesk.testing.problems import problem_names


class BackendConformance:
    """Subclass it, name your backend, and pytest runs every check on every problem::

        class TestMine(BackendConformance):
            backend = "mine"

    A test's id is the problem's name, which ``convdesk explain`` takes. Problems that every implementation refuses are
    skipped, with the reasons.
    """

    backend: ClassVar[str]

    @pytest.fixture
    def computes(self) -> Backend:
        """The backend; skips where it says that it cannot be used, and fails where it cannot even be loaded."""
        found = probe(self.backend)
        if not found.available and not isinstance(REGISTRY.load(self.backend), Broken):
            pytest.skip(f"backend {self.backend!r}: {found.reason}")
        return get_backend(self.backend)

    @pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
    @pytest.mark.parametrize("problem", problem_names())
    def test_check(self, computes: Backend, problem: str, check: checks.Check) -> None:
        """One law on one problem, for every implementation that takes it."""
        question = Problem.parse(problem)
        refusals, failures, ran = [], [], 0
        for implementation in computes.implementations():
            why = implementation.refuse(question)
            if why is not None:
                refusals.append(f"{implementation.name}: {why}")
                continue
            ran += 1
            verdict = verify_check(computes, implementation, question, check)
            if verdict.verdict == "failed":
                failures.append(f"{implementation.name}: {verdict.message}")
        if not ran:
            pytest.skip("; ".join(refusals))
        assert not failures, "\n".join(failures)
