# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a plan: memory for the result, scratch, the one call that computes, and its errors."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from convdesk.backends.protocol import Buffer, Operands
from convdesk.errors import BackendError, ConvDeskError, ShapeError
from convdesk.network.problem import OPERATORS, Problem
from convdesk.planner.plan import Plan
from convdesk.threads import get_threads

SCRATCH_KEPT = 64 << 20
"""Bytes of scratch that a thread keeps for its next call; more than that is given back."""
ALIGNMENT = 64
INDEX = np.dtype(np.int64)

_scratch = threading.local()


def execute(plan: Plan, operands: Operands, out: Any = None) -> Any:
    """Compute a planned problem.

    Parameters
    ----------
    plan
        From :func:`convdesk.planner.plan`.
    operands
        Arrays of the call, ``x`` as ``(N, C, *spatial)``, in the problem's dtype. Other directions than "fwd" need the
        gradient, or the values to unpool, and the indices of a max pool.
    out
        C-contiguous array of the problem's result shape and dtype to write, or a pair (values, int64 indices) when the
        problem asks for indices; it must not share memory with the operands. Without it memory is allocated.

    Returns
    -------
    ndarray, or a pair of them
        ``out``, or new arrays of the host.

    Raises
    ------
    ShapeError
        An operand does not have the shape that the problem states.
    BackendError
        The backend failed; the message names backend, implementation and problem.
    """
    _check(plan, operands)
    return compute(plan, operands, out)


def compute(plan: Plan, operands: Operands, out: Any = None) -> Any:
    """:func:`execute` for operands whose shapes have been checked, as those of a call that was seen before."""
    problem, backend, on_host = plan.problem, plan.backend, plan.on_host
    shape, dtype = plan.result
    try:
        if on_host and out is not None:
            target = out
        elif problem.indices:
            target = (backend.empty(shape, dtype), backend.empty(shape, INDEX))
        else:
            target = backend.empty(shape, dtype)
        if 0 not in shape:
            args = operands if on_host else _uploaded(backend, operands)
            room = take_scratch(_scratch_bytes(plan), None if on_host else backend)
            try:
                plan.implementation.run(problem, args, target, room)
            finally:
                return_scratch(room)
        if on_host:
            return target
        found = tuple(map(backend.download, target)) if problem.indices else backend.download(target)
    except (ConvDeskError, MemoryError):
        raise
    except Exception as error:
        raise BackendError(
            f"backend {backend.name!r}, implementation {plan.chosen!r} failed on {problem.name}:"
            f" {type(error).__name__}: {error}"
        ) from error
    return found if out is None else _written(out, found)


def _check(plan: Plan, operands: Operands) -> None:
    problem = plan.problem
    for what, shape in _expected(problem).items():
        array = getattr(operands, what)
        if array is None or tuple(array.shape) != shape:
            got = f"no {what}" if array is None else f"{what} of shape {tuple(array.shape)}"
            raise ShapeError(f"{problem.name}: got {got}, expected shape {shape}")


def _expected(problem: Problem) -> dict[str, tuple[int, ...]]:
    """The operands that a problem needs, and their shapes."""
    expected = {} if problem.direction in ("grad_input", "unpool") else {"x": problem.in_shape}
    if OPERATORS[problem.op].weighted and problem.direction != "grad_weight":
        expected["weight"] = problem.weight_shape
    if problem.direction != "fwd":
        expected["grad"] = problem.out_shape
        if problem.op == "max_pool":
            expected["indices"] = problem.out_shape
    if problem.bias:
        expected["bias"] = problem.bias_shape
    return expected


def _scratch_bytes(plan: Plan) -> int:
    """Bytes of scratch now: a plan may be older than the number of threads."""
    if plan.threads == get_threads():
        return plan.scratch_bytes
    return plan.implementation.cost(plan.problem).scratch_bytes


def _uploaded(backend: Any, operands: Operands) -> Operands:
    arrays = {name: getattr(operands, name) for name in ("x", "weight", "bias", "grad", "indices")}
    there = {name: None if array is None else backend.upload(array) for name, array in arrays.items()}
    return Operands(fill=operands.fill, **there)


def _written(out: Any, found: Any) -> Any:
    for target, values in zip(out, found, strict=True) if isinstance(out, tuple) else ((out, found),):
        target[...] = values
    return out


def take_scratch(count: int, backend: Any) -> Buffer | None:
    """``count`` bytes of scratch, aligned to a cache line, or None for 0; :func:`return_scratch` it after the call.

    The memory is this thread's last one where it suffices. While it is lent it is nobody's, so that an implementation
    that runs another plan does not get its own scratch again.
    """
    if count == 0:
        return None
    if backend is not None and getattr(backend, "memory", "host") != "host":
        return backend.empty((count,), np.dtype(np.uint8))
    kept = getattr(_scratch, "buffer", None)
    if kept is not None and kept.nbytes >= count:
        _scratch.buffer = None
        return kept[:count]
    fresh = np.empty(count + ALIGNMENT, np.uint8)
    start = -fresh.ctypes.data % ALIGNMENT
    return fresh[start : start + count]


def return_scratch(room: Buffer | None) -> None:
    """Keep scratch for this thread's next call, unless it is large."""
    if isinstance(room, np.ndarray) and room.nbytes <= SCRATCH_KEPT:
        kept = getattr(_scratch, "buffer", None)
        if kept is None or kept.nbytes < room.nbytes:
            _scratch.buffer = room
