# SPDX-License-Identifier: GPL-3.0-or-later
"""The core as a citizen of its process: the GIL, forks, many threads, memory, and what it says about itself."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import convdesk as cd
from convdesk import threads
from convdesk.backends.native import NativeBackend, core
from convdesk.backends.native.buffers import ALIGNMENT, LARGE, PAGE, BufferPool

pytestmark = pytest.mark.skipif(core.load()[0] is None, reason=core.load()[1] or "there")


def arrays(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A layer whose work is worth several threads."""
    rng = np.random.default_rng(seed)
    return rng.integers(-4, 5, (1, 16, 80, 90)).astype(np.float32), rng.integers(-3, 4, (20, 16, 3, 3)).astype(
        np.float32
    )


@pytest.mark.parametrize("implementation", ["native:direct", "native:igemm"])
def test_other_python_threads_run_meanwhile(implementation: str) -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.random((1, 64, 300, 300), np.float32), rng.random((96, 64, 3, 3), np.float32)
    ticks: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.perf_counter())

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        with threads.engine_worker():
            begin = time.perf_counter()
            cd.conv(x, weight, padding=1, implementation=implementation)
            end = time.perf_counter()
    finally:
        stop.set()
        ticker.join()
    quarter = (end - begin) / 4
    assert any(begin + quarter < at < end - quarter for at in ticks)


def test_many_threads_at_once() -> None:
    cases = [arrays(seed) for seed in range(6)]
    expected = [cd.conv(x, weight, padding=1).tobytes() for x, weight in cases]
    pooled = [cd.max_pool(x, 2, return_indices=True) for x, _ in cases]

    def one(number: int) -> bool:
        x, weight = cases[number % 6]
        values, indices = cd.max_pool(x, 2, return_indices=True)
        same = np.array_equal(values, pooled[number % 6][0]) and np.array_equal(indices, pooled[number % 6][1])
        name = ("native:direct", "native:igemm")[number % 2]
        return same and cd.conv(x, weight, padding=1, implementation=name).tobytes() == expected[number % 6]

    before = threads.get_threads()
    threads.set_threads(3)
    try:
        with ThreadPoolExecutor(8) as many:
            assert all(many.map(one, range(60)))
    finally:
        threads.set_threads(before)


def test_a_forked_child_computes_with_threads_of_its_own() -> None:
    program = """
import os, sys
import numpy as np
import convdesk as cd
cd.set_threads(3)
x, w = np.ones((1, 32, 120, 120), np.float32), np.ones((32, 32, 3, 3), np.float32)
def threads():
    return len(os.listdir("/proc/self/task"))
before = threads()
expected = cd.conv(x, w, backend="native").tobytes()
assert threads() >= before + 2, "the pool was not used"
child = os.fork()
if child == 0:
    alone = threads()
    same = cd.conv(x, w, backend="native").tobytes() == expected
    os._exit(0 if same and alone == 1 and threads() == 3 else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert cd.conv(x, w, backend="native").tobytes() == expected
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


def test_an_engine_worker_starts_no_threads() -> None:
    program = """
import os
import numpy as np
import convdesk as cd
from convdesk.threads import engine_worker
cd.set_threads(3)
x, w = np.ones((1, 32, 120, 120), np.float32), np.ones((32, 32, 3, 3), np.float32)
before = len(os.listdir("/proc/self/task"))
with engine_worker():
    cd.conv(x, w, backend="native")
assert len(os.listdir("/proc/self/task")) == before
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


def test_less_scratch_means_fewer_threads_not_an_error() -> None:
    from convdesk.backends.protocol import Operands
    from convdesk.network.problem import Problem

    x, weight = arrays()
    problem = Problem.parse("conv2d:fwd:f32:n1c16x80x90:o20k3x3p1+1x1+1")
    before = threads.get_threads()
    try:
        threads.set_threads(1)
        for implementation in NativeBackend().implementations()[:2]:
            scratch = np.empty(implementation.cost(problem).scratch_bytes, np.uint8)
            threads.set_threads(4)  # meant for one thread, used with four
            out = np.empty(problem.out_shape, np.float32)
            implementation.run(problem, Operands(x, weight), out, scratch)
            assert np.array_equal(out, cd.conv(x, weight, padding=1, backend="numpy"))
            threads.set_threads(1)
    finally:
        threads.set_threads(before)


@pytest.mark.parametrize("shape", [(3,), (7, 1000), (LARGE // 4, 3), (0, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_buffers_are_contiguous_aligned_and_writeable(shape: tuple[int, ...], dtype: type) -> None:
    found = BufferPool().empty(shape, np.dtype(dtype))
    assert (found.shape, found.dtype) == (shape, dtype)
    assert found.flags.c_contiguous and found.flags.writeable
    address = found.__array_interface__["data"][0]
    if found.nbytes >= 4096:
        assert address % ALIGNMENT == 0
    found[...] = 1


def test_large_arrays_of_one_call_do_not_begin_at_the_same_place_of_a_page() -> None:
    pool = BufferPool()
    made = [pool.empty((LARGE,), np.dtype(np.uint8)) for _ in range(3)]
    assert len({one.__array_interface__["data"][0] % 4096 for one in made}) == 3


def test_a_large_block_is_used_again_only_when_its_last_view_is_gone() -> None:
    pool = BufferPool()
    first = pool.empty((LARGE,), np.dtype(np.uint8))
    first[:] = 7
    view, page = first[100:200], first.__array_interface__["data"][0] // PAGE
    del first
    gc.collect()
    second = pool.empty((LARGE,), np.dtype(np.uint8))
    assert not np.shares_memory(second, view)
    second[:] = 1
    assert (view == 7).all()
    del view
    gc.collect()
    assert pool.waiting_bytes > 0
    assert pool.empty((LARGE,), np.dtype(np.uint8)).__array_interface__["data"][0] // PAGE == page


def test_waiting_memory_is_bounded() -> None:
    pool = BufferPool(budget=3 * LARGE)
    held = [pool.empty((LARGE,), np.dtype(np.uint8)) for _ in range(4)]
    held.clear()
    gc.collect()
    assert 0 < pool.waiting_bytes <= pool.budget
    pool.clear()
    assert pool.waiting_bytes == 0


def probed(**variables: str) -> str:
    """What a fresh process says about the backend."""
    program = (
        "from convdesk.backends.native import NativeBackend\n"
        "found = NativeBackend().probe()\n"
        "print(found.available, found.reason, found.device)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_it_computes_with() -> None:
    assert "baseline instructions, 1 thread" in probed(CONVDESK_ISA="baseline", CONVDESK_THREADS="1")
    assert "2 threads" in probed(CONVDESK_THREADS="2")


def test_an_unknown_instruction_set_makes_it_unavailable_with_the_reason() -> None:
    found = probed(CONVDESK_ISA="mmx")
    assert "False CONVDESK_ISA=mmx: no such instruction set, expected baseline or avx2" in found


def test_without_the_compiled_core_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    core.load.cache_clear()
    monkeypatch.setitem(sys.modules, "convdesk.backends.native._core", None)
    try:
        found = NativeBackend().probe()
    finally:
        monkeypatch.undo()
        core.load.cache_clear()
    assert not found.available
    assert found.reason == "the compiled core is missing: run pip install -e . (needs gcc)"
