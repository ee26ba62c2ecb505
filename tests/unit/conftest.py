# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import convdesk as cd
from convdesk.backends.registry import probe


@pytest.fixture(scope="session", params=["numpy", "native"])
def backend(request: pytest.FixtureRequest) -> str:
    """Every backend of this processor in turn; one that cannot be used here is skipped with its reason."""
    found = probe(request.param)
    if not found.available:
        pytest.skip(f"backend {request.param!r}: {found.reason}")
    return str(request.param)


@pytest.fixture(scope="session")
def able() -> Callable[[str, str], None]:
    """Skips, with every refusal, where a backend does not compute the operator of a problem."""

    def check(backend: str, problem: str) -> None:
        try:
            cd.explain(problem, backend)
        except cd.BackendError as refused:
            pytest.skip(str(refused))

    return check
