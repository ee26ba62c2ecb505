# SPDX-License-Identifier: GPL-3.0-or-later
"""What every implementation has to keep, one function per law, on one problem at a time.

A check returns the largest error it met, in units of what is allowed: 1 and less is right. It raises
:class:`Violation` with a sentence for what is no matter of degree.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from convdesk.backends.protocol import Backend, Implementation, Operands
from convdesk.geometry import Span
from convdesk.network.problem import DTYPES, Problem
from convdesk.planner.execute import take_scratch
from convdesk.testing.bounds import allowed, is_exact, mapped, reference, sums_exactly
from convdesk.testing.problems import generator, operands
from convdesk.testing.tiles import tile
from convdesk.threads import get_threads, set_threads

Check = Callable[[Backend, Implementation, Problem], float]
PADDED_WITH = 1e30
"""What an output holds before the call, so that a cell that is not written shows."""


class Violation(AssertionError):
    """A law is broken; the message says which and where."""


def run(backend: Backend, implementation: Implementation, problem: Problem, args: Operands) -> tuple[np.ndarray, ...]:
    """Results on the host, (values,) or (values, indices), from outputs and scratch that held rubbish before."""
    dtype = np.dtype(DTYPES[problem.dtype])
    shape = problem.result_shape
    rubbish = np.full(shape, PADDED_WITH if dtype.kind == "f" else 77, dtype)
    shapes = [rubbish, np.full(shape, -77, np.int64)][: 2 if problem.indices else 1]
    outs = tuple(backend.upload(array.copy()) for array in shapes)
    given = mapped(args, backend.upload)
    if args.indices is not None:
        given = replace(given, indices=backend.upload(args.indices))
    room = take_scratch(implementation.cost(problem).scratch_bytes, backend)
    if isinstance(room, np.ndarray):
        room[:] = 0xA5
    if 0 not in shape:
        implementation.run(problem, given, outs if problem.indices else outs[0], room)
    return tuple(np.asarray(backend.download(out)) for out in outs)


def _same(got: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...], what: str) -> None:
    for name, a, b in zip(("value", "index"), got, wanted, strict=False):
        wrong = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise Violation(
                f"{what}: {name} at {at} is {a[at]!r}, expected {b[at]!r}; {int(wrong.sum())} of {a.size} differ"
            )


def exact_on_integers(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Sums of small whole numbers are exact, whatever the order; means, roots and normalised ones are rounded."""
    args = operands(problem, "integers")
    got, wanted = run(backend, implementation, problem, args), reference(problem, args)
    if not sums_exactly(problem):
        return _bounded(problem, args, got, wanted)
    _same(got, wanted, "small integers")
    return 0.0


def within_bound(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """The error is within the operator's bound (see :mod:`convdesk.testing.bounds`); winners are exact."""
    args = operands(problem, "floats")
    return _bounded(problem, args, run(backend, implementation, problem, args), reference(problem, args))


def _bounded(problem: Problem, args: Operands, got: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...]) -> float:
    if is_exact(problem):
        _same(got, wanted, "floats")
        return 0.0
    most = allowed(problem, args, wanted[0])
    error = np.abs(got[0].astype(np.float64) - wanted[0])
    if np.isnan(error).any():
        raise Violation(f"floats: NaN at {tuple(int(i) for i in np.argwhere(np.isnan(error))[0])}, expected a number")
    return float(np.max(error / np.maximum(most, np.finfo(np.float64).tiny), initial=0.0))


def same_bits_as_a_tile(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """A tile is the same layer with other padding: its bits are those of the slice of the whole."""
    if not getattr(implementation, "local", False) or 0 in problem.result_shape:
        return 0.0
    args, rng, grain = operands(problem, "floats"), generator(problem, "tile"), getattr(implementation, "grain", 1)
    whole = run(backend, implementation, problem, args)
    for _ in range(3):
        spans = []
        for size in problem.result_shape[2:]:
            first, last = sorted(int(i) for i in rng.integers(0, size, 2))
            spans.append(Span(first // grain * grain, last + 1))
        part = tile(problem, args, tuple(spans))
        if part is None or implementation.refuse(part[0]) is not None:
            continue
        got = run(backend, implementation, *part)
        slices = (slice(None), slice(None), *(span.slice for span in spans))
        _same(got[:1], (whole[0][slices],), f"tile {[(span.start, span.stop) for span in spans]}")
    return 0.0


def strides_do_not_matter(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Reversed, sliced and broadcast inputs and gradients give the bits of a contiguous copy."""
    args = operands(problem, "floats")
    wanted = run(backend, implementation, problem, args)
    for name in ("x", "grad"):
        array = getattr(args, name)
        if array is None:
            continue
        spread = np.zeros([2 * size for size in array.shape], array.dtype)
        every_second = spread[tuple(slice(None, None, 2) for _ in array.shape)]
        every_second[...] = array
        last_first = np.ascontiguousarray(array.T).T
        reversed_ = np.ascontiguousarray(array[..., ::-1])[..., ::-1]
        for what, odd in (("every second", every_second), ("last axis first", last_first), ("reversed", reversed_)):
            _same(run(backend, implementation, problem, _with(args, name, odd)), wanted, f"{name}: {what} element")
        if array.size:
            one = np.broadcast_to(array[:1, :1], array.shape)
            copied = run(backend, implementation, problem, _with(args, name, np.ascontiguousarray(one)))
            _same(run(backend, implementation, problem, _with(args, name, one)), copied, f"{name}: strides of 0")
    return 0.0


def _with(args: Operands, name: str, array: np.ndarray) -> Operands:
    changed: dict[str, Any] = {name: array}
    return replace(args, **changed)


def inputs_stay_as_they_are(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """No operand is written."""
    args = operands(problem, "floats")
    names = ("x", "weight", "bias", "grad", "indices")
    before, _ = _bytes(args, names), run(backend, implementation, problem, args)
    for what, old, new in zip(names, before, _bytes(args, names), strict=True):
        if old != new:
            raise Violation(f"{what} was changed by the call")
    return 0.0


def _bytes(args: Operands, names: tuple[str, ...]) -> list[bytes | None]:
    return [None if (array := getattr(args, name)) is None else array.tobytes() for name in names]


def infection_stays_in_the_field(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """A NaN, and an infinity, change exactly the results that see them, and no bit of another."""
    if not getattr(implementation, "local", False) or problem.dtype not in ("f32", "f64"):
        return 0.0
    args = operands(problem, "floats")
    name = "grad" if args.x is None else "x"
    array = getattr(args, name)
    if not array.size or 0 in problem.result_shape:
        return 0.0
    # a weight of 0 would keep an infinity out, and a mean of them may cancel
    factors = {key: np.abs(value) + 1 for key in ("weight", "grad") if (value := getattr(args, key)) is not None}
    for key, value in factors.items():
        args = _with(args, key, value) if key != name else args
    clean = run(backend, implementation, problem, args)[0]
    at = tuple(int(generator(problem, "place").integers(0, size)) for size in array.shape)
    holds = _holding(problem, args, name, at)
    for bad in (np.nan, -np.inf if problem.op == "min_pool" else np.inf):
        infected = array.copy()
        infected[at] = bad
        got = run(backend, implementation, problem, _with(args, name, infected))[0]
        _same((np.where(holds, 0, got),), (np.where(holds, 0, clean),), f"{bad} at {at}: results that do not see it")
        if np.isfinite(got[holds]).any() or (np.isnan(bad) and not np.isnan(got[holds]).all()):
            raise Violation(f"{bad} at {at}: a result that sees it does not show it")
    return 0.0


def _holding(problem: Problem, args: Operands, name: str, at: tuple[int, ...]) -> np.ndarray:
    """Results that see the element ``at`` of an operand: those of an impulse there, all else ones."""
    impulse = np.zeros(getattr(args, name).shape)
    impulse[at] = 1
    ones = mapped(args, lambda array: np.ones(array.shape))
    seen = replace(problem, dtype="f64", bias=False)
    if problem.op in ("max_pool", "min_pool", "lp_pool") and problem.direction == "fwd":
        seen = replace(seen, op="avg_pool", indices=False, divisor=1, norm=0.0)
    elif problem.op == "adaptive_max_pool":
        seen = replace(seen, op="adaptive_avg_pool", indices=False)
    elif problem.op == "match":
        seen = replace(seen, normalize="none")
    (found,) = reference(seen, _with(replace(ones, fill=0.0), name, impulse))
    return np.asarray(found != 0)


def threads_do_not_matter(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Calls from several threads at once, and any number of threads inside a call, give the same bits."""
    args = operands(problem, "floats")
    wanted = run(backend, implementation, problem, args)
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(run, backend, implementation, problem, args) for _ in range(4)]
        for call in calls:
            _same(call.result(), wanted, "four calls at once")
    before = get_threads()
    try:
        for count in (1, 2, 5):
            set_threads(count)
            _same(run(backend, implementation, problem, args), wanted, f"{count} instead of {before} threads")
    finally:
        set_threads(before)
    return 0.0


def shared_bits_are_shared(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Implementations that say they round alike do."""
    bits: Any = getattr(implementation, "bits", "")
    args = operands(problem, "floats")
    for other in backend.implementations() if bits else ():
        if other.name != implementation.name and getattr(other, "bits", "") == bits and other.refuse(problem) is None:
            got, wanted = run(backend, implementation, problem, args), run(backend, other, problem, args)
            _same(got, wanted, f"bits {bits!r} are shared with {other.name}")
    return 0.0


CHECKS: tuple[Check, ...] = (
    exact_on_integers,
    within_bound,
    same_bits_as_a_tile,
    strides_do_not_matter,
    inputs_stay_as_they_are,
    infection_stays_in_the_field,
    threads_do_not_matter,
    shared_bits_are_shared,
)
"""All of them, in the order in which they are told."""
