# SPDX-License-Identifier: GPL-3.0-or-later
"""The native backend: kernels in C behind Cython doors, chosen for the processor at run time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from convdesk.backends.native.adaptive import AdaptiveAvgPool, AdaptiveMaxPool
from convdesk.backends.native.buffers import BufferPool
from convdesk.backends.native.conv import DirectConv, ImplicitGemm
from convdesk.backends.native.core import TITLES, load
from convdesk.backends.native.grad_input import GradInputDirect, GradInputGemm
from convdesk.backends.native.grad_weight import GradWeight
from convdesk.backends.native.local import LocalConv
from convdesk.backends.native.match import Match
from convdesk.backends.native.pool import AvgPool, AvgPoolGrad, LpPool, MaxPool, MinPool
from convdesk.backends.native.scatter import MaxPoolGrad, MaxUnpool
from convdesk.backends.protocol import Availability, Implementation
from convdesk.threads import get_threads

__all__ = ["NativeBackend"]


class NativeBackend:
    """Computes on this processor, on as many threads as :func:`convdesk.set_threads` allows."""

    name = "native"
    memory = "host"

    def __init__(self) -> None:
        self.buffers = BufferPool()

    def probe(self) -> Availability:
        """Whether the compiled core is there and fits this processor."""
        module, reason = load()
        if module is None:
            return Availability(False, reason)
        threads = get_threads()
        device = f"{TITLES.get(module.isa(), module.isa())}, {threads} thread{'s' if threads > 1 else ''}"
        return Availability(True, "", device, self._version)

    @cached_property
    def _version(self) -> str:
        try:
            return version("convdesk")
        except PackageNotFoundError:
            return ""  # run from a source tree that was never installed

    @cached_property
    def _implementations(self) -> tuple[Implementation, ...]:
        convolutions = DirectConv(), ImplicitGemm(), LocalConv(), Match()
        gradients = GradInputDirect(), GradInputGemm(), GradWeight()
        pools = MaxPool(), AvgPool(), MinPool(), LpPool(), AdaptiveMaxPool(), AdaptiveAvgPool()
        return *convolutions, *gradients, *pools, MaxPoolGrad(), MaxUnpool(), AvgPoolGrad()

    def implementations(self) -> Sequence[Implementation]:
        """The convolutions, the pools, and their ways back."""
        return self._implementations

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """A new uninitialised array; large ones are huge-paged and recycled."""
        return self.buffers.empty(shape, dtype)

    def upload(self, array: np.ndarray) -> np.ndarray:
        """The array itself: the backend computes in host memory."""
        return array

    def download(self, buffer: np.ndarray) -> np.ndarray:
        """The buffer itself."""
        return buffer
