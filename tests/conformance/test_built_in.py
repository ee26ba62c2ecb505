# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit that authors of backends run, run on our own."""

from __future__ import annotations

from convdesk.testing import BackendConformance


class TestNumpy(BackendConformance):
    backend = "numpy"


class TestNative(BackendConformance):
    backend = "native"
