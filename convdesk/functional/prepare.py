# SPDX-License-Identifier: GPL-3.0-or-later
"""A call that is made once and then run many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.functional.arrays import as_array
from convdesk.functional.call import Asked
from convdesk.planner import Plan


def prepare(fn: Callable[..., Any], *operands: Any, **same: Any) -> Prepared:
    """Make a call of one of the functions on arrays, to run it many times with another first array.

    Parameters
    ----------
    fn
        A function of this package on arrays: :func:`convdesk.conv`, :func:`convdesk.max_pool`, …
    operands, same
        What the function takes, but ``out``. The first array says which shape and dtype are prepared for.

    Returns
    -------
    Prepared
        ``op`` with ``op(x, out=None)``: what ``fn(x, *others, **same)`` returns, bit for bit. The other arrays (weight,
        bias, template, indices, …) are copied and converted now: changing them later changes nothing. So are the plan
        and the backend chosen now, whatever is set later; the number of threads is that of the moment of a call.
        Threads may share it.

    Raises
    ------
    ParameterError
        ``fn`` is something else, or ``out`` is among the arguments.
    ConvDeskError
        Whatever ``fn`` raises for these arguments.

    Examples
    --------
    >>> op = prepare(convdesk.correlate, np.zeros(4), np.array([1.0, 0.0, -1.0]), "valid")
    >>> op(np.array([1.0, 2.0, 3.0, 5.0]))
    array([-2., -3.])
    """
    names = getattr(fn, "operands", None)
    if names is None or not hasattr(fn, "body"):
        raise ParameterError(f"prepare: fn: got {fn!r}, expected a function of convdesk on arrays")
    if "out" in same:
        raise ParameterError("prepare: out: got an argument, expected it with each call of what is prepared")
    same["backend"] = chosen_backend(same.get("backend", "auto"), same.get("implementation"))
    return Prepared(fn, names, operands, same)


class Prepared:
    """A call that is ready: see :func:`prepare`.

    Attributes
    ----------
    shape, dtype
        Of the array that it takes.
    plan
        Who computes it; None where there is nothing to compute, or where the values of the array decide who does.
    """

    def __init__(self, fn: Any, names: tuple[str, ...], operands: tuple[Any, ...], same: dict[str, Any]) -> None:
        where, first = fn.__name__, names[0]
        # a copy of all arrays but the first: the caller may write into them afterwards
        others = {name: _copy(where, name, value) for name, value in same.items() if name in names[1:]}
        behind = zip(names[1:], operands[1:], strict=False)
        given = [*operands[:1], *(_copy(where, *one) for one in behind), *operands[len(names) :]]
        same = {**same, **others}
        asked = fn.body(*given, **same)
        like = as_array(given[0], where, first)
        self.shape, self.dtype = like.shape, like.dtype
        self._where, self._first = where, first
        self._again: Callable[..., Any] = lambda x, out: fn(x, *given[1:], **same, out=out)
        self.plan: Plan | None = None
        if isinstance(asked, Asked) and asked.call.again:
            call = asked.call
            self.plan = call.plan
            pairs = zip(call.converts[1:], asked.arrays[1:], strict=True)
            self._others = [None if to is None or array is None else to(array) for to, array in pairs]
            self._convert, self._compute = call.converts[0], call.compute

    def __repr__(self) -> str:
        chosen = "" if self.plan is None else f", {self.plan.chosen}"
        return f"<prepared {self._where} of {self.dtype} {self.shape}{chosen}>"

    def __call__(self, x: Any, out: Any = None) -> Any:
        """The result for another first array, in ``out`` if there is one.

        Raises
        ------
        ShapeError, DTypeError
            The array has another shape or dtype than was prepared for.
        """
        if type(x) is not np.ndarray:
            x = as_array(x, self._where, self._first)
        if x.shape != self.shape:
            raise ShapeError(f"{self._where}: {self._first} has shape {x.shape}, prepared for {self.shape}")
        if x.dtype != self.dtype:
            raise DTypeError(f"{self._where}: {self._first} has dtype {x.dtype}, prepared for {self.dtype}")
        if self.plan is None:
            return self._again(x, out)
        return self._compute([self._convert(x), *self._others], out, 1)  # type: ignore[misc]


def _copy(where: str, name: str, value: Any) -> np.ndarray | None:
    """An array that nobody else writes into."""
    return None if value is None else np.array(as_array(value, where, name))
