# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the core takes, roughly: enough to rank its kernels against each other and against NumPy.

Rates are per thread, measured on a 3 GHz processor with AVX2; the baseline and float64 are a factor apart.
"""

from __future__ import annotations

from math import prod

from convdesk.backends.native.core import core
from convdesk.network.problem import Problem

DIRECT = 60e9
"""Operations per second of direct blocks of 4 rows; a third less where rows share nothing."""
DIRECT_UNSHARED = 35e9
IGEMM = 100e9
GRAD_WEIGHT = 75e9
POOL = 6e9
"""Candidates per second of a pool."""
POWER = 60.0
"""Candidates that one power of a general Lp pool costs."""
SCATTER = 1e9
"""Values per second that are put where an index says."""
ANSWER = 8e-9
"""Seconds from the sums of a window to its answer."""
MEMORY = 12e9
"""Bytes per second to and from memory."""
CALL = 3e-6
"""Seconds that a call costs before it computes anything."""
ITEM = 0.03e-6
"""Seconds that an output row costs before it computes anything."""
ENOUGH = 0.2e-3
"""Seconds of work below which waking a thread does not pay."""


def worth_threads(seconds: float) -> bool:
    """Whether a call that takes so long on one thread should use more."""
    return seconds >= ENOUGH


def shared_seconds(seconds: float, threads: int) -> float:
    """What ``seconds`` on one thread become with several, if they are used."""
    return CALL + (seconds - CALL) / threads if worth_threads(seconds) else seconds


def speed(problem: Problem) -> float:
    """Relative to float32 with AVX2."""
    return core().lanes(problem.itemsize) / 8 * (1.0 if core().isa() != "baseline" else 0.6)


def conv_seconds(problem: Problem, implicit: bool) -> float:
    """Predicted seconds of a convolution on one thread."""
    doors, groups = core(), problem.groups
    lanes, block = doors.lanes(problem.itemsize), doors.channel_block(problem.itemsize)
    per_group = problem.out_channels // groups
    *outer, columns = problem.out_spatial
    if implicit:
        padded = -(-per_group // block) * block / per_group
        wide = {1: 3.0, 2: 1.6, 3: 1.3, 4: 1.1}.get(columns, 1.05)
        work = problem.flops * padded * wide / IGEMM
        packing = prod(problem.weight_shape) * padded * 1e-9
        staging = problem.terms * groups * problem.batch * prod(problem.out_spatial) / problem.kernel_size[-1] * 0.3e-9
        work += packing + staging + prod(problem.out_shape) * 0.4e-9
    else:
        filled = -(-columns // lanes) * lanes / columns if columns else 1.0
        rows = problem.windows[-2] if problem.ndim > 1 else None
        shared = rows is not None and rows.stride == 1 and rows.kernel_size >= 3 and problem.out_spatial[-2] >= 4
        work = problem.flops * filled / (DIRECT if shared else DIRECT_UNSHARED)
        work += prod(outer) * problem.batch * problem.out_channels * ITEM
    return CALL + max(work / speed(problem), problem.compulsory_bytes / MEMORY)


def pool_seconds(problem: Problem) -> float:
    """Predicted seconds of a pool on one thread, forwards or backwards."""
    each = 2.0 if problem.indices or problem.direction != "fwd" else 1.0
    if problem.op == "lp_pool" and problem.norm not in (1.0, 2.0):
        each = POWER
    work = problem.flops * each / POOL / speed(problem) + prod(problem.out_shape[:-1]) * ITEM
    return CALL + max(work, problem.compulsory_bytes / MEMORY)


def scatter_seconds(problem: Problem) -> float:
    """Predicted seconds of putting values where indices say, on one thread."""
    return CALL + prod(problem.out_shape) / SCATTER + problem.compulsory_bytes / MEMORY


def grad_weight_seconds(problem: Problem) -> float:
    """Predicted seconds of a gradient by the weight on one thread."""
    lanes, columns = core().lanes(problem.itemsize), problem.out_spatial[-1]
    filled = -(-columns // lanes) * lanes / columns if columns else 1.0
    per_group = problem.out_channels // problem.groups
    rate = GRAD_WEIGHT if per_group >= 4 else DIRECT_UNSHARED
    staging = prod(problem.in_shape) + prod(problem.out_shape)
    work = problem.flops * filled / rate + staging * 0.5e-9
    return CALL + max(work / speed(problem), problem.compulsory_bytes / MEMORY)


def match_seconds(problem: Problem) -> float:
    """Predicted seconds of template matching on one thread: dot products in double precision, sums, answers."""
    sums = sum(problem.kernel_size) * problem.channels * 2.0
    work = (problem.flops / (DIRECT / 2) + prod(problem.out_shape) * (sums / POOL + ANSWER)) * 8 / lanes_of_doubles()
    return CALL + max(work, problem.compulsory_bytes / MEMORY)


def lanes_of_doubles() -> float:
    """Doubles per vector, twice: 8 with AVX2."""
    return 2.0 * float(core().lanes(8))
