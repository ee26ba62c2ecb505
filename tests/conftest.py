# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test shares: hypothesis profiles, the soak switch, and Qt without a window on the screen."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Chosen before any test module imports Qt. `./dev test` sets "xcb" for the tests that need a real X server.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

slow_is_fine = [HealthCheck.too_slow]
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=slow_is_fine)
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=slow_is_fine)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--soak``."""
    parser.addoption("--soak", action="store_true", help="thousands of random cases per law, and the soak tests")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the hypothesis profile; ``--hypothesis-profile`` still wins."""
    if not config.getoption("hypothesis_profile", None):
        settings.load_profile("soak" if config.getoption("--soak") else "ci")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, visibly, what this run cannot or should not do."""
    soak = config.getoption("--soak")
    screen = os.environ["QT_QPA_PLATFORM"].startswith("xcb") and bool(os.environ.get("DISPLAY"))
    for item in items:
        if "soak" in item.keywords and not soak:
            item.add_marker(pytest.mark.skip(reason="long: run it with --soak"))
        if "xvfb" in item.keywords and not screen:
            item.add_marker(pytest.mark.skip(reason="needs QT_QPA_PLATFORM=xcb and a display"))
