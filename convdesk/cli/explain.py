# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk explain``: who computes a problem, or the layers of a document, and why."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from convdesk.cli.main import DONE, FAILED
from convdesk.cli.stack import Stack, open_stack, shape_argument
from convdesk.cli.text import say_json
from convdesk.planner import Plan, explain, plan

EXAMPLE = """
convdesk explain conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3
convdesk explain edges.convdesk
"""


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("what", metavar="PROBLEM|DOC", help="the name of a problem, or a .convdesk document")
    shape_argument(parser)
    parser.add_argument("--backend", default="auto", metavar="NAME", help="default: auto, the planner chooses")
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def run(args: Namespace) -> int:
    """Print the plan or plans; 1 when a layer cannot run."""
    if not (args.what.endswith(".convdesk") or Path(args.what).is_file()):
        found = explain(args.what, args.backend)
        if args.json:
            say_json(to_json(found))
        else:
            print(found.explain())
        return DONE
    return explain_document(open_stack(args.what, args.shape), args.backend, args.json)


def explain_document(stack: Stack, backend: str, as_json: bool) -> int:
    """A plan for every layer, as the desk makes it."""
    told: list[dict[str, Any]] = []
    texts: list[str] = []
    for stage in stack.stages:
        layer = stage.layer
        problem = None
        if layer.enabled and not stage.error:
            problem = layer.problem(1, stage.in_channels, stage.in_spatial, "f32")
        row: dict[str, Any] = {"layer": layer.name, "plan": None, "error": stage.error}
        if problem is not None:
            found = plan(problem, backend, local=True)
            row["plan"] = to_json(found)
            texts.append(f"{layer.name}: {found.explain()}")
        else:
            why = f"cannot run: {stage.error}" if stage.error else "element by element, no backend is asked"
            texts.append(f"{layer.name}: {why if layer.enabled else 'off, its input passes through'}")
        told.append(row)
    if as_json:
        say_json(told)
    else:
        print("\n\n".join(texts))
    return FAILED if any(stage.error for stage in stack.stages) else DONE


def to_json(found: Plan) -> dict[str, Any]:
    """A plan as plain values."""
    return {
        "problem": found.problem.name,
        "chosen": found.chosen,
        "seconds": found.seconds,
        "scratch_bytes": found.scratch_bytes,
        "slower": [{"name": name, "seconds": seconds} for name, seconds in found.slower],
        "refused": [{"name": name, "why": why} for name, why in found.refused],
        "note": found.note,
    }
