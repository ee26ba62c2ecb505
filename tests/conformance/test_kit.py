# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit catches backends that are wrong on purpose, and names what is wrong. Each is the reference with one fault."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.backends import registry
from convdesk.backends.numpy import NumpyBackend, Reference
from convdesk.backends.protocol import Operands
from convdesk.geometry import Span
from convdesk.network.problem import Problem
from convdesk.testing import operands, problem_names, table, verify
from convdesk.threads import get_threads

SMALL = [name for name in problem_names(0) if prod(Problem.parse(name).out_shape) < 10_000]
PLUGINS = Path(__file__).resolve().parents[1] / "e2e"


class Toy(Reference):
    """The reference under another name."""

    name = "toy:faulty"


class ReturnsItsInput(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        if problem.in_shape == problem.out_shape and not problem.indices and args.x is not None:
            out[...] = args.x
        else:
            super().run(problem, args, out, scratch)


class TiesToTheLast(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.op == "max_pool" and problem.indices and problem.ndim == 1 and args.x is not None:
            window = problem.windows[0]
            for at in np.ndindex(out[1].shape):
                cells = [c for c in window.taps(at[-1]) if 0 <= c < problem.spatial[0]]
                out[1][at] = [c for c in cells if args.x[(*at[:-1], c)] == out[0][at]][-1]


class SymmetricForReflect(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        wrong = replace(problem, padding_mode="symmetric") if problem.padding_mode == "reflect" else problem
        super().run(wrong, args, out, scratch)


class CountsTheOverhang(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        if problem.op == "avg_pool":
            windows = tuple(replace(w, pad_hi=w.pad_hi + w.overhang, overhang=0) for w in problem.windows)
            problem = replace(problem, windows=windows)
        super().run(problem, args, out, scratch)


class RoundsByPosition(Toy):
    """Rounds the first row otherwise than the others, as a kernel with a special first iteration would."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.op == "conv" and out.shape[2] > 1:
            out[:, :, 0] = np.nextafter(out[:, :, 0], np.inf, where=np.abs(out[:, :, 0]) % 1 != 0, out=out[:, :, 0])


class Imprecise(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.op == "conv":
            out *= np.where(out % 1 == 0, 1, 1 + 1e-5).astype(out.dtype)


class LeaksNan(Toy):
    """What a running sum does: one NaN reaches everything behind it."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.op == "avg_pool":
            np.copyto(out, np.nan, where=np.logical_or.accumulate(np.isnan(out), axis=-1))


class WritesItsInput(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if args.weight is not None:
            args.weight *= 2


class SkipsTheLastColumn(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        values = out[0] if problem.indices else out
        kept = values[..., -1].copy()
        super().run(problem, args, out, scratch)
        values[..., -1] = kept


class IgnoresStrides(Toy):
    """Reads the memory behind the array in the order in which it lies, as C code without strides would."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        x = args.x
        if x is not None and 0 not in x.strides and not x.flags.c_contiguous:
            x = np.ravel(x, order="K").reshape(x.shape)
        super().run(problem, replace(args, x=x), out, scratch)


class DependsOnThreads(Toy):
    """Sums in as many parts as there are threads."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if get_threads() == 5 and problem.op == "avg_pool":
            np.nextafter(out, np.inf, out=out)


class ForgetsTheFold(Toy):
    """Gives cells that repeat a sample nothing back."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        zeros = problem.direction == "grad_input" and problem.op == "conv"
        super().run(replace(problem, padding_mode="zeros") if zeros else problem, args, out, scratch)


class TurnsTheGradient(Toy):
    """Forgets that a flipped weight has a flipped gradient."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        unturned = problem.direction == "grad_weight"
        super().run(replace(problem, flip=False) if unturned else problem, args, out, scratch)


class FirstValueStays(Toy):
    """Unpools backwards, so that of several values for one place the first one wins."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        if problem.direction == "unpool" and args.grad is not None and args.indices is not None:
            turn = (slice(None), slice(None), *[slice(None, None, -1)] * problem.ndim)
            args = replace(args, grad=args.grad[turn], indices=args.indices[turn])
        super().run(problem, args, out, scratch)


class NoiseOnFlatWindows(Toy):
    """What a difference of two running sums leaves where a window is flat."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.normalize == "pearson":
            out[out == 0] = 1e-9


class NarrowAdaptiveWindows(Toy):
    """Divides every window of an adaptive average by the size of the widest."""

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        super().run(problem, args, out, scratch)
        if problem.op == "adaptive_avg_pool":
            held = [[len(axis.reads(Span(o, o + 1))) for o in range(axis.outputs)] for axis in problem.maps]
            counts = np.asarray(held[0])
            for more in held[1:]:
                counts = counts[..., None] * np.asarray(more)
            out *= (counts / prod(problem.kernel_size)).astype(out.dtype)


class Crashes(Toy):
    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        raise MemoryError("out of scratch")


FAULTS: list[tuple[type[Toy], str, str]] = [
    (ReturnsItsInput, "conv2d:fwd:f32:n1c1x33x47:o1k3x3p1+1x1+1", "exact_on_integers"),
    (TiesToTheLast, "max_pool1d:fwd:f32:n1c2x50:k4s3p2+2v1:idx", "exact_on_integers"),
    (SymmetricForReflect, "conv2d:fwd:f32:n3c1x33x47:o1k5x5p2+2x2+2:reflect", "exact_on_integers"),
    (CountsTheOverhang, "avg_pool2d:fwd:f32:n1c2x10x13:k3x3s2x2p1+1x0+1v1x0", "exact_on_integers"),
    (RoundsByPosition, "conv2d:fwd:f64:n1c1x40x50:o1k5x5p2+2x2+2:flip", "same_bits_as_a_tile"),
    (Imprecise, "conv1d:fwd:f32:n1c1x301:o1k31p15+15", "within_bound"),
    (LeaksNan, "avg_pool1d:fwd:f32:n2c2x31:k5s2p2+2", "infection_stays_in_the_field"),
    (WritesItsInput, "conv1d:fwd:f32:n1c1x301:o1k31p15+15", "inputs_stay_as_they_are"),
    (SkipsTheLastColumn, "avg_pool1d:fwd:f32:n2c2x31:k5s2p2+2", "exact_on_integers"),
    (IgnoresStrides, "max_pool2d:fwd:f32:n1c1x40x41:k7x7p3+3x3+3", "strides_do_not_matter"),
    (DependsOnThreads, "avg_pool1d:fwd:f32:n2c2x31:k5s2p2+2", "threads_do_not_matter"),
    (ForgetsTheFold, "conv2d:grad_input:f32:n1c2x5x4:o1k3x5p9+1x0+7:symmetric", "exact_on_integers"),
    (TurnsTheGradient, "conv2d:grad_weight:f64:n1c2x9x10:o3k3x3p2+2x2+2:reflect:flip", "exact_on_integers"),
    (FirstValueStays, "max_pool2d:unpool:f32:n2c3x21x34:k2x2s2x2", "exact_on_integers"),
    (NoiseOnFlatWindows, "match2d:fwd:f32:n1c1x40x51:k7x8:pearson", "within_bound"),
    (NarrowAdaptiveWindows, "adaptive_avg_pool2d:fwd:f32:n2c3x11x13:a4x5", "within_bound"),
    (Crashes, "conv2d:fwd:f32:n1c1x33x47:o1k3x3p1+1x1+1", "exact_on_integers"),
]  # fmt: skip


@pytest.fixture
def install() -> Iterator[Callable[[type[Toy]], None]]:
    """Register a backend "toy" with one implementation."""

    def put(*kinds: type[Toy]) -> None:
        backend = NumpyBackend()
        backend.name, backend._implementations = "toy", tuple(kind() for kind in kinds)
        registry.refresh()
        registry.REGISTRY.entries()["toy"] = registry.Entry("toy", "", "toys 1.0")
        registry.REGISTRY._loaded["toy"] = backend

    yield put
    registry.refresh()


@pytest.mark.parametrize(("fault", "problem", "check"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_fault_is_caught_and_named(install: Any, fault: type[Toy], problem: str, check: str) -> None:
    install(fault)
    verdicts = verify("toy", [problem])
    (found,) = [verdict for verdict in verdicts if verdict.check == check]
    assert (found.verdict, found.implementation, found.problem) == ("failed", "toy:faulty", problem)
    assert found.error > 1
    assert found.message
    assert f"    {check}: {found.message}" in table(verdicts)


@pytest.mark.parametrize("fault", [fault for fault, _, _ in FAULTS], ids=lambda fault: fault.__name__)
def test_a_fault_is_caught_by_the_kits_own_list(install: Any, fault: type[Toy]) -> None:
    install(fault)
    assert any(verdict.verdict == "failed" for verdict in verify("toy", SMALL))


def test_the_reference_has_no_fault(install: Any) -> None:
    install(Toy)
    verdicts = verify("toy", SMALL)
    assert {verdict.verdict for verdict in verdicts} == {"passed"}


def test_a_promise_of_equal_bits_is_held_to(install: Any) -> None:
    class One(Toy):
        name, bits = "toy:one", "toy"

    class Other(RoundsByPosition):
        name, bits = "toy:other", "toy"

    install(One, Other)
    failed = {
        v.implementation for v in verify("toy", [FAULTS[4][1]]) if v.check == "shared_bits_are_shared" and v.message
    }
    assert failed == {"toy:one", "toy:other"}


def test_a_refusal_is_a_verdict(install: Any) -> None:
    class Particular(Toy):
        def refuse(self, problem: Problem) -> str | None:
            return "only on Mondays"

    install(Particular)
    (verdict,) = verify("toy", [FAULTS[0][1]])
    assert (verdict.verdict, verdict.check, verdict.message) == ("refused", "", "only on Mondays")
    assert "refused  only on Mondays" in table([verdict])


def test_verify_needs_a_backend() -> None:
    with pytest.raises(cd.BackendUnavailable, match="no backend named 'qpu'"):
        verify("qpu")


def test_a_plugin_on_disk_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGINS / "plugin_good"))
    registry.refresh()
    try:
        verdicts = verify("good")
    finally:
        monkeypatch.undo()
        registry.refresh()
    assert {verdict.verdict for verdict in verdicts} == {"passed", "refused"}
    assert "avg_pool1d:fwd:f32:n2c3x41:k4s4" in {v.problem for v in verdicts if v.verdict == "passed"}


def test_problems_and_operands_are_always_the_same() -> None:
    assert problem_names() == problem_names()
    assert len(set(problem_names())) == len(problem_names())
    for name in problem_names(0)[:4]:
        for kind in ("integers", "floats"):
            first, second = (operands(Problem.parse(name), kind) for _ in range(2))
            assert first.x.tobytes() == second.x.tobytes()


def test_verify_needs_neither_pytest_nor_hypothesis() -> None:
    program = (
        "import sys; sys.modules.update(dict.fromkeys(['pytest', 'hypothesis', 'scipy', 'torch']));"
        "from convdesk.testing import problem_names, verify;"
        "print({v.verdict for v in verify('numpy', problem_names(0)[:3])})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "{'passed'}", done.stderr
