# SPDX-License-Identifier: GPL-3.0-or-later
"""From a problem and its operands to what the caller gets: planned, computed, and in the array that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.backends.protocol import Operands
from convdesk.errors import ParameterError
from convdesk.functional.arrays import COMPUTE, as_operand, check_out, delivered, direct
from convdesk.network.problem import Problem
from convdesk.planner import Plan, compute, plan

INDEX = np.dtype(np.int64)

FIELDS = ("x", "weight", "bias", "grad", "indices")
"""The arrays among the fields of :class:`Operands`."""

Convert = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Given:
    """An argument, and how it becomes the operand of a backend; that holds for all arrays of its shape and dtype."""

    array: np.ndarray
    convert: Convert

    def then(self, function: Convert) -> Given:
        """The same argument, changed once more."""
        convert = self.convert
        return Given(self.array, lambda array: function(convert(array)))


@dataclass(frozen=True, slots=True)
class Call:
    """Everything about a call but its arrays: nothing is left to check but ``out``, and nothing to decide.

    ``shape`` and ``dtype`` are those of the result that the caller gets, ``raw`` and ``raw_shape`` those of what a
    backend writes; ``view`` leads from the latter to the former, and ``straight`` says that both lie alike in memory.
    ``places``: which argument is which of FIELDS, -1 for none. Frozen, so that threads may share it.
    """

    where: str
    plan: Plan
    places: tuple[int, ...]
    converts: tuple[Convert | None, ...]
    fill: float
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    raw: np.dtype[Any]
    raw_shape: tuple[int, ...]
    view: Callable[[np.ndarray], np.ndarray] | None
    straight: bool
    again: bool

    def run(self, arrays: Sequence[np.ndarray | None], out: Any) -> Any:
        """The result for these arguments; those at the end may be left out."""
        pairs = zip(self.converts, arrays, strict=False)
        return self.compute([None if to is None or array is None else to(array) for to, array in pairs], out)

    def compute(self, given: Sequence[np.ndarray | None], out: Any, foreign: int | None = None) -> Any:
        """The result for operands that have been converted; only the first ``foreign`` may be the memory of ``out``."""
        every = (*given, None)
        x, weight, bias, grad, indices = self.places
        operands = Operands(every[x], every[weight], every[bias], self.fill, every[grad], every[indices])
        if self.plan.problem.indices:
            return self._pair(given, operands, out)
        if out is not None:
            check_out(out, self.shape, self.dtype, self.where)
            if self.straight and direct(out, self.raw, given[:foreign]) is not None:
                compute(self.plan, operands, out if out.shape == self.raw_shape else out.reshape(self.raw_shape))
                return out
        found = compute(self.plan, operands)
        return delivered(found if self.view is None else self.view(found), out, self.dtype)

    def _pair(self, given: Sequence[np.ndarray | None], operands: Operands, out: Any) -> tuple[np.ndarray, np.ndarray]:
        """The winners of a problem and their indices."""
        values, indices = checked_pair(out, self.shape, self.dtype, self.where)
        best, places = direct(values, self.raw, (*given, indices)), direct(indices, INDEX, given)
        if best is not None and places is not None:
            compute(self.plan, operands, (best.reshape(self.raw_shape), places.reshape(self.raw_shape)))
            return best, places
        found = compute(self.plan, operands)
        winners, where = found if self.view is None else map(self.view, found)
        return delivered(winners, values, self.dtype), delivered(where, indices, INDEX)


@dataclass(frozen=True, slots=True)
class Asked:
    """A call and its arrays: what the body of a public function returns, for its door to run (and to remember)."""

    call: Call
    arrays: tuple[np.ndarray | None, ...]
    out: Any

    def run(self) -> Any:
        """The result."""
        return self.call.run(self.arrays, self.out)


def answer(
    where: str,
    problem: Problem,
    operands: Mapping[str, Given | None],
    batched: bool,
    dtype: np.dtype[Any],
    out: Any,
    backend: str,
    implementation: str | None,
    precision: str = "default",
    *,
    fill: float = 0.0,
    shape: tuple[int, ...] | None = None,
    view: Callable[[np.ndarray], np.ndarray] | None = None,
    straight: bool = True,
    again: bool = True,
) -> Any:
    """The call that computes a problem; a pair (values, indices) where the problem asks for indices.

    ``operands``: by the names of :class:`Operands`, in the order in which the public function takes them. The result
    leaves without its first axis unless ``batched``, or as ``view`` of it with ``shape``. ``again``: the call serves
    all arrays of these shapes and types, whatever their values.
    """
    if shape is None:
        shape = problem.result_shape if batched else problem.result_shape[1:]
        view = None if batched else _first
    if problem.indices:
        checked_pair(out, shape, dtype, where)
    else:
        check_out(out, shape, dtype, where)
    chosen = plan(problem, chosen_backend(backend, implementation), implementation, precision)
    order = list(operands)
    places = tuple(-1 if operands.get(name) is None else order.index(name) for name in FIELDS)
    converts = tuple(None if one is None else one.convert for one in operands.values())
    call = Call(
        where, chosen, places, converts, fill, tuple(shape), dtype, COMPUTE[problem.dtype],
        problem.result_shape, view, straight, again,
    )  # fmt: skip
    return Asked(call, tuple(None if one is None else one.array for one in operands.values()), out)


def checked_pair(out: Any, shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> tuple[Any, Any]:
    """``out`` as (values, indices), both None where there is none."""
    if out is None:
        return None, None
    if not (isinstance(out, (tuple, list)) and len(out) == 2):
        raise ParameterError(f"{where}: out: got one object, expected a pair (values, indices) with return_indices")
    check_out(out[0], shape, dtype, where, "out[0]")
    check_out(out[1], shape, INDEX, where, "out[1]")
    return out[0], out[1]


def operand(array: np.ndarray, kind: str, batched: bool = True) -> Given:
    """An input as backends take it: in its compute type, and with a batch."""
    return Given(array, (lambda a: as_operand(a, kind)) if batched else (lambda a: as_operand(a[None], kind)))


def packed(array: np.ndarray | None, kind: str) -> Given | None:
    """A weight or bias as backends take it: in its compute type, C-contiguous."""
    return None if array is None else Given(array, lambda a: np.ascontiguousarray(as_operand(a, kind)))


def _first(found: np.ndarray) -> np.ndarray:
    return found[0]
