# SPDX-License-Identifier: GPL-3.0-or-later
"""Same bits everywhere: on float data, an output does not depend on its tile, the kernel, the layout or the threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convdesk as cd
from convdesk import threads
from convdesk.backends.native import NativeBackend
from convdesk.backends.native.core import load
from convdesk.backends.protocol import Operands
from convdesk.geometry import MODES, Span, Window, demand
from convdesk.network.problem import Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
IMPLEMENTATIONS = NativeBackend().implementations()
DIRECT, IGEMM = IMPLEMENTATIONS[:2]
UNIT = {"f32": 2.0**-24, "f64": 2.0**-53}
TYPES = {"f32": np.float32, "f64": np.float64}
CONVS = [
    "conv2d:fwd:f32:n1c1x60x300:o1k3x3p1+1x1+1",
    "conv2d:fwd:f32:n1c1x45x200:o1k5x5p2+2x2+2",
    "conv2d:fwd:f64:n2c3x33x70:o5k4x7p2+1x3+3:bias",
    "conv2d:fwd:f32:n1c5x41x64:o17k3x3s2x2p1+1x1+1:bias",
    "conv2d:fwd:f32:n1c6x37x90:o6k5x3d2x3p4+4x3+3:g6",
    "conv2d:fwd:f64:n1c4x24x50:o36k1x1:bias",
    "conv2d:fwd:f32:n1c70x12x31:o33k3x3p1+1x1+1:bias",
    "conv3d:fwd:f32:n1c2x9x12x40:o3k3x3x3p1+1x1+1x1+1",
    "conv1d:fwd:f32:n1c3x700:o4k9s3d2p8+8:bias",
]
POOLS = [
    "max_pool2d:fwd:f32:n1c2x50x90:k3x3s2x2p1+1x1+1",
    "avg_pool2d:fwd:f32:n1c2x50x90:k3x3s2x2p1+1x1+1",
    "avg_pool2d:fwd:f64:n1c2x40x61:k5x4s1x1p2+2x2+2:dataonly",
    "max_pool3d:fwd:f64:n1c2x9x14x30:k2x3x2s2x1x3",
]


def operands(problem: Problem, seed: int = 0) -> Operands:
    """Floats of very different sizes, so that another order of summation would show."""
    rng, dtype = np.random.default_rng(seed), TYPES[problem.dtype]
    x = (rng.standard_normal(problem.in_shape) * 10.0 ** rng.integers(-4, 5, problem.in_shape)).astype(dtype)
    if problem.op != "conv":
        return Operands(x)
    weight = rng.standard_normal(problem.weight_shape).astype(dtype)
    return Operands(x, weight, rng.standard_normal(problem.out_channels).astype(dtype) if problem.bias else None, 0.5)


def run(implementation: Any, problem: Problem, args: Operands) -> np.ndarray:
    """Compute into fresh memory."""
    out = np.empty(problem.out_shape, TYPES[problem.dtype])
    implementation.run(problem, args, out, np.empty(implementation.cost(problem).scratch_bytes, np.uint8))
    return out


def tile_of(problem: Problem, box: tuple[Span, ...], args: Operands) -> tuple[Problem, Operands]:
    """The problem and the operands of one tile: the same layer with the padding that the tile sees."""
    windows, reads = [], []
    for window, size, span in zip(problem.windows, problem.spatial, box, strict=True):
        need = demand(window, size, span)
        windows.append(Window(window.kernel_size, window.stride, window.dilation, need.pad_lo, need.pad_hi))
        reads.append(need.read)
    values = {name: getattr(problem, name) for name in ("op", "dtype", "batch", "channels", "out_channels", "groups")}
    values |= {name: getattr(problem, name) for name in ("bias", "count_pad")}
    tile = Problem(**values, spatial=tuple(len(read) for read in reads), windows=tuple(windows))
    return tile, Operands(args.x[(..., *[read.slice for read in reads])], args.weight, args.bias)


@pytest.mark.parametrize("name", [*CONVS, *POOLS])
@given(data=st.data())
def test_a_tile_has_the_bits_of_the_whole(name: str, data: st.DataObject) -> None:
    problem = Problem.parse(name)
    args = operands(problem)
    box = []
    for size in problem.out_spatial:
        start = data.draw(st.integers(0, size - 1))
        box.append(Span(start, data.draw(st.integers(start + 1, size))))
    tile, part = tile_of(problem, tuple(box), args)
    for implementation in IMPLEMENTATIONS:
        if implementation.refuse(problem) is None:
            whole = run(implementation, problem, args)[(..., *[span.slice for span in box])]
            assert run(implementation, tile, part).tobytes() == np.ascontiguousarray(whole).tobytes()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CONVS)
def test_both_kernels_give_the_same_bits(name: str, mode: str) -> None:
    layer, bias = name.removesuffix(":bias"), ":bias" if name.endswith(":bias") else ""
    problem = Problem.parse(layer + (f":{mode}" if mode != "zeros" else "") + bias)
    args = operands(problem)
    assert run(DIRECT, problem, args).tobytes() == run(IGEMM, problem, args).tobytes()


@pytest.mark.parametrize("name", [*CONVS, *POOLS])
def test_the_memory_layout_does_not_show(name: str) -> None:
    problem = Problem.parse(name)
    args = operands(problem)
    other = np.asfortranarray(args.x[..., ::-1])[..., ::-1]
    for implementation in IMPLEMENTATIONS:
        if implementation.refuse(problem) is None:
            found = run(implementation, problem, Operands(other, args.weight, args.bias))
            assert found.tobytes() == run(implementation, problem, args).tobytes()


@pytest.mark.parametrize("implementation", ["native:direct", "native:igemm"])
def test_the_number_of_threads_does_not_show(implementation: str) -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 24, 90, 100), np.float32)
    weight = rng.standard_normal((40, 24, 3, 3), np.float32)
    before, found = threads.get_threads(), []
    try:
        for count in (1, 2, 3, 8):
            threads.set_threads(count)
            found.append(cd.conv(x, weight, padding=1, implementation=implementation).tobytes())
    finally:
        threads.set_threads(before)
    assert len(set(found)) == 1


@pytest.mark.parametrize("name", CONVS)
def test_the_error_is_within_the_stated_bound(name: str) -> None:
    problem = Problem.parse(name)
    args = operands(problem)
    wide = Problem.parse(name.replace(":f32:", ":f64:"))
    exact = run(
        DIRECT, wide, Operands(*(None if a is None else a.astype(float) for a in (args.x, args.weight, args.bias)))
    )
    sizes = Operands(*(None if a is None else abs(a).astype(float) for a in (args.x, args.weight, args.bias)))
    allowed = (problem.terms + 2) * UNIT[problem.dtype] * run(DIRECT, wide, sizes)
    for implementation in (DIRECT, IGEMM):
        assert (abs(run(implementation, problem, args) - exact) <= allowed).all()


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_every_instruction_set_keeps_the_contract(isa: str, tmp_path: Path) -> None:
    """In a process of its own, because a process chooses once."""
    program = f"""
import sys
import numpy as np
from convdesk.backends.native import NativeBackend, core
module, reason = core.load()
if module is None:
    print(reason)
    sys.exit(3)
assert module.isa() == {isa!r}
from convdesk.backends.protocol import Operands
from convdesk.network.problem import Problem
direct, igemm, *_ = NativeBackend().implementations()
for number, name in enumerate({CONVS!r}):
    problem = Problem.parse(name)
    saved = np.load({str(tmp_path)!r} + f"/{{number}}.npz")
    args = Operands(saved["x"], saved["weight"], saved["bias"] if problem.bias else None)
    found = []
    for one in (direct, igemm):
        out = np.empty(problem.out_shape, saved["x"].dtype)
        one.run(problem, args, out, np.empty(one.cost(problem).scratch_bytes, np.uint8))
        found.append(out)
    assert found[0].tobytes() == found[1].tobytes(), name
    assert (abs(found[0] - saved["expected"]) <= saved["allowed"]).all(), name
"""
    for number, name in enumerate(CONVS):
        problem = Problem.parse(name)
        args = operands(problem)
        sizes = Operands(abs(args.x), abs(args.weight), None if args.bias is None else abs(args.bias))
        allowed = 2 * (problem.terms + 2) * UNIT[problem.dtype] * run(DIRECT, problem, sizes).astype(float) * 1.01
        bias = np.empty(0) if args.bias is None else args.bias
        arrays = {"x": args.x, "weight": args.weight, "bias": bias, "allowed": allowed}
        np.savez(tmp_path / f"{number}.npz", expected=run(DIRECT, problem, args), **arrays)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "CONVDESK_ISA": isa},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    if done.returncode == 3:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stderr
