# SPDX-License-Identifier: GPL-3.0-or-later
"""How it is computed: the protocol, the registry, and the built-in backends.

``convdesk.backends()`` is part of the public interface and ``convdesk.backends`` is this package, so the package can be
called: it lists the backends.
"""

from __future__ import annotations

import sys
from types import ModuleType


class _Callable(ModuleType):
    """A package that answers when it is called like the function of the same name."""

    def __call__(self) -> list[object]:
        """List every backend as a BackendInfo, the ones that cannot be used too, with the reason."""
        from convdesk.backends.registry import backends

        return list(backends())


sys.modules[__name__].__class__ = _Callable
