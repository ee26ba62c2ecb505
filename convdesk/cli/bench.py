# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk bench``: what the implementations do on this machine, beside what the planner predicts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from time import perf_counter
from typing import Any

import numpy as np

from convdesk.backends.protocol import Backend, Implementation
from convdesk.backends.registry import backends, get_backend
from convdesk.cli.failure import Usage
from convdesk.cli.main import DONE, FAILED
from convdesk.cli.text import say_json, table
from convdesk.errors import ConvDeskError
from convdesk.network.problem import Problem
from convdesk.planner import execute, plan
from convdesk.planner.plan import duration
from convdesk.threads import get_threads, set_threads

EXAMPLE = """
convdesk bench
convdesk bench conv2d:fwd:f32:n1c1x2160x3840:o1k9x9p4+4x4+4 --threads 1
"""
USUAL = (
    "conv2d:fwd:f32:n1c1x1080x1920:o1k3x3p1+1x1+1",
    "conv2d:fwd:f32:n1c1x1080x1920:o1k11x11p5+5x5+5:reflect",
    "conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3",
    "conv2d:fwd:f32:n1c64x56x56:o64k3x3p1+1x1+1",
    "conv3d:fwd:f32:n1c1x64x64x64:o1k3x3x3p1+1x1+1x1+1",
    "max_pool2d:fwd:f32:n1c1x1080x1920:k2x2s2x2",
    "avg_pool2d:fwd:f32:n1c1x1080x1920:k3x3s2x2",
)
"""A photograph's kernels, a network's layers, a volume, pools."""
LONGEST = 2.0
"""Predicted seconds of a single run from which an implementation is left out, unless ``--all`` asks for it."""


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help="names of problems; default: seven usual ones")
    parser.add_argument("--backend", metavar="NAME", help="only this backend's implementations")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of one call; default: one per core")
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S", help="time for each (default 0.3)")
    parser.add_argument("--all", action="store_true", help="also those that would take more than 2 s for one run")
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def run(args: Namespace) -> int:
    """Measure and print; 1 when an implementation failed."""
    if args.seconds <= 0:
        raise Usage(f"--seconds: got {args.seconds:g}, expected more than 0")
    before = get_threads()
    set_threads(before if args.threads is None else args.threads)
    try:
        return bench(args)
    finally:
        set_threads(before)


def bench(args: Namespace) -> int:
    """Every problem on every implementation that takes it."""
    names = [args.backend] if args.backend else [info.name for info in backends() if info.available]
    sources = [get_backend(name) for name in names]
    rows = []
    for name in args.problems or USUAL:
        problem = Problem.parse(name)
        for source in sources:
            for implementation in source.implementations():
                if implementation.refuse(problem) is None:
                    rows.append(measured(problem, source, implementation, args.seconds, args.all))
    if args.json:
        say_json({"threads": get_threads(), "rows": rows})
    else:
        print(f"threads: {get_threads()}; times are the best of several runs\n")
        head = ("problem", "implementation", "time", "rate", "predicted")
        print(table(head, [told(row) for row in rows], right=(2, 3, 4)))
    return FAILED if any(row["error"] for row in rows) else DONE


def measured(
    problem: Problem, source: Backend, implementation: Implementation, seconds: float, everything: bool
) -> dict[str, Any]:
    """Run an implementation again and again for a while; the fastest run counts."""
    chosen = plan(problem, source.name, implementation.name, precision="fast")
    row: dict[str, Any] = {"problem": problem.name, "implementation": implementation.name, "error": ""}
    row |= {"predicted_seconds": chosen.seconds, "seconds": None, "runs": 0, "flops_per_second": None, "skipped": False}
    if chosen.seconds > LONGEST and not everything:
        return row | {"skipped": True}
    from convdesk.testing.problems import operands

    args = operands(problem, "floats")
    on_host = getattr(source, "memory", "host") == "host"
    out = np.empty(problem.out_shape, args.x.dtype) if on_host and not problem.indices else None
    best, runs, end = float("inf"), 0, perf_counter() + seconds
    try:
        while runs < 2 or perf_counter() < end:
            started = perf_counter()
            execute(chosen, args, out)
            best, runs = min(best, perf_counter() - started), runs + 1
            if best > seconds:
                break
    except ConvDeskError as error:
        return row | {"error": str(error)}
    return row | {"seconds": best, "runs": runs, "flops_per_second": problem.flops / best}


def told(row: dict[str, Any]) -> tuple[str, ...]:
    """A row for people: multiply-adds count as two operations, a pool's comparisons as one."""
    if row["error"] or row["skipped"]:
        why = row["error"] or "not run"
        return row["problem"], row["implementation"], why, "", duration(row["predicted_seconds"])
    rate = f"{row['flops_per_second'] / 1e9:.3g} Gop/s"
    times = duration(row["seconds"]), rate, duration(row["predicted_seconds"])
    return row["problem"], row["implementation"], *times
