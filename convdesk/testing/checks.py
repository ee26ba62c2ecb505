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
from convdesk.geometry import Span, Window, fold_table
from convdesk.network.problem import DTYPES, Problem
from convdesk.planner import execute, plan
from convdesk.planner.execute import take_scratch
from convdesk.testing.problems import generator, operands
from convdesk.threads import get_threads, set_threads

Check = Callable[[Backend, Implementation, Problem], float]
PADDED_WITH = 1e30
"""What an output holds before the call, so that a cell that is not written shows."""


class Violation(AssertionError):
    """A law is broken; the message says which and where."""


def run(backend: Backend, implementation: Implementation, problem: Problem, args: Operands) -> tuple[np.ndarray, ...]:
    """Results on the host, (values,) or (values, indices), from outputs and scratch that held rubbish before."""
    dtype = np.dtype(DTYPES[problem.dtype])
    rubbish = np.full(problem.out_shape, PADDED_WITH if dtype.kind == "f" else 77, dtype)
    shapes = [rubbish, np.full(problem.out_shape, -77, np.int64)][: 2 if problem.indices else 1]
    outs = tuple(backend.upload(array.copy()) for array in shapes)
    given = mapped(args, backend.upload)
    room = take_scratch(implementation.cost(problem).scratch_bytes, backend)
    if isinstance(room, np.ndarray):
        room[:] = 0xA5
    if 0 not in problem.out_shape:
        implementation.run(problem, given, outs if problem.indices else outs[0], room)
    return tuple(np.asarray(backend.download(out)) for out in outs)


def mapped(args: Operands, function: Callable[[np.ndarray], Any]) -> Operands:
    """The same operands, each array as ``function`` makes it."""
    weight = None if args.weight is None else function(args.weight)
    return Operands(function(args.x), weight, None if args.bias is None else function(args.bias), args.fill)


def reference(problem: Problem, args: Operands) -> tuple[np.ndarray, ...]:
    """What the NumPy reference answers."""
    found = execute(plan(problem, "numpy"), args)
    return found if problem.indices else (found,)


def _same(got: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...], what: str) -> None:
    for name, a, b in zip(("value", "index"), got, wanted, strict=False):
        wrong = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise Violation(
                f"{what}: {name} at {at} is {a[at]!r}, expected {b[at]!r}; {int(wrong.sum())} of {a.size} differ"
            )


def exact_on_integers(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Sums of small whole numbers are exact, whatever the order; a mean of them is rounded once."""
    args = operands(problem, "integers")
    got, wanted = run(backend, implementation, problem, args), reference(problem, args)
    if problem.op == "avg_pool":
        return _bounded(problem, args, got, wanted)
    _same(got, wanted, "small integers")
    return 0.0


def within_bound(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """|error| ≤ (n + 2)·u·Σ|weight·x| for n terms and unit roundoff u; the winners of a max pool are exact."""
    args = operands(problem, "floats")
    return _bounded(problem, args, run(backend, implementation, problem, args), reference(problem, args))


def _bounded(problem: Problem, args: Operands, got: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...]) -> float:
    if problem.op == "max_pool":
        _same(got, wanted, "floats")
        return 0.0
    sizes = mapped(args, lambda array: np.abs(array).astype(np.float64))
    (magnitude,) = reference(replace(problem, dtype="f64"), sizes)
    unit = np.finfo(DTYPES[problem.dtype]).eps / 2
    allowed = (problem.terms + problem.bias + 2) * unit * np.abs(magnitude)
    error = np.abs(got[0].astype(np.float64) - wanted[0])
    if np.isnan(error).any():
        raise Violation(f"floats: NaN at {tuple(int(i) for i in np.argwhere(np.isnan(error))[0])}, expected a number")
    return float(np.max(error / np.maximum(allowed, np.finfo(np.float64).tiny), initial=0.0))


def same_bits_as_a_tile(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """A tile is the same layer with other padding: its bits are those of the slice of the whole."""
    if not getattr(implementation, "local", False) or 0 in problem.out_shape:
        return 0.0
    args, rng, grain = operands(problem, "floats"), generator(problem, "tile"), getattr(implementation, "grain", 1)
    whole = run(backend, implementation, problem, args)
    for _ in range(3):
        spans = []
        for size in problem.out_spatial:
            first, last = sorted(int(i) for i in rng.integers(0, size, 2))
            spans.append(Span(first // grain * grain, last + 1))
        part, given = tile(problem, args, tuple(spans))
        if implementation.refuse(part) is not None:
            continue
        got = run(backend, implementation, part, given)
        slices = (slice(None), slice(None), *(span.slice for span in spans))
        _same(got[:1], (whole[0][slices],), f"tile {[(span.start, span.stop) for span in spans]}")
    return 0.0


def tile(problem: Problem, args: Operands, spans: tuple[Span, ...]) -> tuple[Problem, Operands]:
    """The outputs ``spans`` as a problem of their own: the input that they read, and the padding that they meet."""
    x, windows = args.x, []
    folded = problem.padding_mode != "zeros"
    for axis, (window, size, out) in enumerate(zip(problem.windows, problem.spatial, spans, strict=True), start=2):
        hull = window.reads(out)
        inside = Span(-window.pad_lo, size + window.pad_hi) if folded else Span(0, size)
        read = hull & inside
        if folded:
            table = np.asarray(fold_table(read, size, problem.padding_mode), np.intp)
            cells = np.zeros((*x.shape[:axis], len(table), *x.shape[axis + 1 :]), x.dtype)
            if size:
                cells = x.take(np.maximum(table, 0), axis=axis)
            cells[(slice(None),) * axis + (table < 0,)] = args.fill
            x = cells
        else:
            x = x[(slice(None),) * axis + (read.slice,)]
        over = max(0, hull.stop - (size + window.pad_hi)) if window.overhang else 0
        lo = read.start - hull.start if len(read) else len(hull) - over
        hi = hull.stop - read.stop - over if len(read) else 0
        windows.append(Window(window.kernel_size, window.stride, window.dilation, lo, hi, over))
    part = replace(problem, spatial=x.shape[2:], windows=tuple(windows), padding_mode="zeros")
    return part, replace(args, x=x, fill=0.0)


def strides_do_not_matter(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """Reversed, sliced and broadcast inputs give the bits of a contiguous copy."""
    args = operands(problem, "floats")
    spread = np.zeros([2 * size for size in problem.in_shape], args.x.dtype)
    every_second = spread[tuple(slice(None, None, 2) for _ in problem.in_shape)]
    every_second[...] = args.x
    last_first = np.ascontiguousarray(args.x.T).T
    reversed_ = np.ascontiguousarray(args.x[..., ::-1])[..., ::-1]
    wanted = run(backend, implementation, problem, args)
    for what, x in (("every second", every_second), ("last axis first", last_first), ("reversed", reversed_)):
        _same(run(backend, implementation, problem, replace(args, x=x)), wanted, f"{what} element of memory")
    if args.x.size:
        one = np.broadcast_to(args.x[:1, :1], args.x.shape)
        copied = run(backend, implementation, problem, replace(args, x=np.ascontiguousarray(one)))
        _same(run(backend, implementation, problem, replace(args, x=one)), copied, "an input with strides of 0")
    return 0.0


def inputs_stay_as_they_are(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """No operand is written."""
    args = operands(problem, "floats")
    before = [None if array is None else array.tobytes() for array in (args.x, args.weight, args.bias)]
    run(backend, implementation, problem, args)
    after = [None if array is None else array.tobytes() for array in (args.x, args.weight, args.bias)]
    for what, old, new in zip(("x", "weight", "bias"), before, after, strict=True):
        if old != new:
            raise Violation(f"{what} was changed by the call")
    return 0.0


def infection_stays_in_the_field(backend: Backend, implementation: Implementation, problem: Problem) -> float:
    """A NaN, and an infinity, change exactly the outputs whose window holds them, and no bit of another."""
    if not getattr(implementation, "local", False) or problem.dtype not in ("f32", "f64"):
        return 0.0
    args = operands(problem, "floats")
    if not args.x.size or 0 in problem.out_shape:
        return 0.0
    if problem.op == "conv":  # a weight of 0 would keep an infinity out, and a mean of them may cancel
        args = replace(args, weight=np.abs(np.asarray(args.weight)) + 1)
    clean = run(backend, implementation, problem, args)[0]
    at = tuple(int(generator(problem, "place").integers(0, size)) for size in problem.in_shape)
    holds = _holding(problem, args, at)
    for bad in (np.nan, np.inf):
        x = args.x.copy()
        x[at] = bad
        got = run(backend, implementation, problem, replace(args, x=x))[0]
        _same((np.where(holds, 0, got),), (np.where(holds, 0, clean),), f"{bad} at {at}: outputs that do not see it")
        if np.isfinite(got[holds]).any() or (np.isnan(bad) and not np.isnan(got[holds]).all()):
            raise Violation(f"{bad} at {at}: an output whose window holds it does not show it")
    return 0.0


def _holding(problem: Problem, args: Operands, at: tuple[int, ...]) -> np.ndarray:
    """Outputs whose window holds the input at ``at``: those of an impulse there under a kernel of ones."""
    x = np.zeros(problem.in_shape)
    x[at] = 1
    if problem.op == "conv":
        seen = replace(problem, dtype="f64", bias=False)
        (found,) = reference(seen, Operands(x, np.ones(problem.weight_shape), None, 0.0))
    else:
        (found,) = reference(replace(problem, op="avg_pool", dtype="f64", indices=False, divisor=1), Operands(x))
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
