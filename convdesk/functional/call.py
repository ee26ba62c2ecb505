# SPDX-License-Identifier: GPL-3.0-or-later
"""From a problem and its operands to what the caller gets: planned, computed, and in the array that was asked for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.backends.protocol import Operands
from convdesk.errors import ParameterError
from convdesk.functional.arrays import as_operand, check_out, delivered, direct
from convdesk.network.problem import DTYPES, Problem
from convdesk.planner import execute, plan

INDEX = np.dtype(np.int64)


def answer(
    where: str,
    problem: Problem,
    operands: Operands,
    batched: bool,
    dtype: np.dtype[Any],
    out: Any,
    backend: str,
    implementation: str | None,
    precision: str = "default",
) -> np.ndarray:
    """The one result of a problem, in its own type, without its first axis unless ``batched``."""
    check_out(out, problem.result_shape if batched else problem.result_shape[1:], dtype, where)
    chosen = plan(problem, chosen_backend(backend, implementation), implementation, precision)
    target = direct(out, np.dtype(DTYPES[problem.dtype]), _arrays(operands))
    if target is not None:
        execute(chosen, operands, target.reshape(problem.result_shape))
        return target
    found = execute(chosen, operands)
    return delivered(found if batched else found[0], out, dtype)


def answer_pair(
    where: str,
    problem: Problem,
    operands: Operands,
    batched: bool,
    dtype: np.dtype[Any],
    out: Any,
    backend: str,
    implementation: str | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The winners of a problem and their indices."""
    if out is not None and not (isinstance(out, (tuple, list)) and len(out) == 2):
        raise ParameterError(f"{where}: out: got one object, expected a pair (values, indices) with return_indices")
    values, indices = out if out is not None else (None, None)
    shape = problem.result_shape if batched else problem.result_shape[1:]
    check_out(values, shape, dtype, where, "out[0]")
    check_out(indices, shape, INDEX, where, "out[1]")
    chosen = plan(problem, chosen_backend(backend, implementation), implementation)
    given = _arrays(operands)
    best, where_it_is = (
        direct(values, np.dtype(DTYPES[problem.dtype]), (*given, indices)),
        direct(indices, INDEX, given),
    )
    if best is not None and where_it_is is not None:
        execute(chosen, operands, (best.reshape(problem.result_shape), where_it_is.reshape(problem.result_shape)))
        return best, where_it_is
    found = execute(chosen, operands)
    winners, places = found if batched else (found[0][0], found[1][0])
    return delivered(winners, values, dtype), delivered(places, indices, INDEX)


def operand(array: np.ndarray, compute: str, batched: bool = True) -> np.ndarray:
    """An input as backends take it: in its compute type, and with a batch."""
    return as_operand(array if batched else array[None], compute)


def packed(array: np.ndarray | None, compute: str) -> np.ndarray | None:
    """A weight or bias as backends take it: in its compute type, C-contiguous."""
    return None if array is None else np.ascontiguousarray(as_operand(array, compute))


def _arrays(operands: Operands) -> list[np.ndarray | None]:
    return [getattr(operands, field.name) for field in fields(operands) if field.name != "fill"]
