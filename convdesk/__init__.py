# SPDX-License-Identifier: GPL-3.0-or-later
"""ConvDesk: convolution that can be seen, computed exactly, on a desk and in a script.

The public names below are loaded when they are first used, so that ``import convdesk`` itself is free.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convdesk.backends.choice import set_backend, using_backend
    from convdesk.backends.registry import BackendInfo, backends, get_backend
    from convdesk.desk import Desk
    from convdesk.errors import (
        BackendError,
        BackendUnavailable,
        CommandRejected,
        ConvDeskError,
        DTypeError,
        FormatError,
        ParameterError,
        ShapeError,
    )
    from convdesk.functional import (
        adaptive_avg_pool,
        adaptive_max_pool,
        avg_pool,
        avg_pool_grad,
        conv,
        conv_grad_input,
        conv_grad_weight,
        conv_transpose,
        convolve,
        correlate,
        local_conv,
        lp_pool,
        match,
        max_pool,
        max_pool_grad,
        max_unpool,
        min_pool,
    )
    from convdesk.functional.prepare import prepare
    from convdesk.media.open import open_source as open
    from convdesk.planner import Plan, explain
    from convdesk.threads import set_threads

    __version__: str

_HOMES = {
    "convdesk.backends.choice": ("set_backend", "using_backend"),
    "convdesk.backends.registry": ("BackendInfo", "get_backend"),
    "convdesk.desk": ("Desk",),
    "convdesk.errors": (
        "BackendError",
        "BackendUnavailable",
        "CommandRejected",
        "ConvDeskError",
        "DTypeError",
        "FormatError",
        "ParameterError",
        "ShapeError",
    ),
    "convdesk.functional": (
        "adaptive_avg_pool",
        "adaptive_max_pool",
        "avg_pool",
        "avg_pool_grad",
        "conv",
        "conv_grad_input",
        "conv_grad_weight",
        "conv_transpose",
        "convolve",
        "correlate",
        "local_conv",
        "lp_pool",
        "match",
        "max_pool",
        "max_pool_grad",
        "max_unpool",
        "min_pool",
    ),
    "convdesk.functional.prepare": ("prepare",),
    "convdesk.planner": ("Plan", "explain"),
    "convdesk.threads": ("set_threads",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "BackendError",
    "BackendInfo",
    "BackendUnavailable",
    "CommandRejected",
    "ConvDeskError",
    "DTypeError",
    "Desk",
    "FormatError",
    "ParameterError",
    "Plan",
    "ShapeError",
    "__version__",
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "avg_pool_grad",
    "backends",
    "conv",
    "conv_grad_input",
    "conv_grad_weight",
    "conv_transpose",
    "convolve",
    "correlate",
    "explain",
    "get_backend",
    "local_conv",
    "lp_pool",
    "match",
    "max_pool",
    "max_pool_grad",
    "max_unpool",
    "min_pool",
    "open",
    "prepare",
    "set_backend",
    "set_threads",
    "using_backend",
]


def __getattr__(name: str) -> Any:
    if name == "backends":  # the package is the function, see there
        return import_module("convdesk.backends")
    if name == "__version__":
        value: Any = _version()
    elif name == "open":
        value = import_module("convdesk.media.open").open_source
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'convdesk' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("convdesk")
    except PackageNotFoundError:
        return "0+unknown"  # a source tree on the path that was never installed
