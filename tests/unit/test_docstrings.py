# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = [
    "convdesk.functional.conv",
    "convdesk.functional.plain",
    "convdesk.functional.pool",
    "convdesk.geometry.boundary",
    "convdesk.planner.plan",
    "convdesk.planner.select",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    found = doctest.testmod(import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
