# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk summary``: a document's layers as a table."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from math import prod
from typing import Any

from convdesk.cli.main import DONE, FAILED
from convdesk.cli.stack import Stack, open_stack, shape_argument
from convdesk.cli.text import by, count, say_json, table
from convdesk.geometry import clean
from convdesk.network.stack import axis_windows, reach, total_parameters

EXAMPLE = "convdesk summary edges.convdesk --shape 3x480x640"


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("document", metavar="DOC", help="a .convdesk document")
    shape_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def run(args: Namespace) -> int:
    """Print the table; 1 when a layer cannot run."""
    stack = open_stack(args.document, args.shape)
    rows = layers(stack)
    parameters, macs = total_parameters(stack.state.layers), sum(stage.macs for stage in stack.stages)
    if args.json:
        told = {"input": {"name": stack.name, "shape": list(stack.shape)}, "layers": rows}
        say_json({**told, "parameters": parameters, "macs": macs})
    else:
        print_table(stack, rows, parameters, macs)
    return FAILED if any(stage.error for stage in stack.stages) else DONE


def layers(stack: Stack) -> list[dict[str, Any]]:
    """One row per layer; numbers are None for a layer that cannot run."""
    ndim, rows = len(stack.shape) - 1, list[dict[str, Any]]()
    for at, stage in enumerate(stack.stages):
        layer, before = stage.layer, stack.stages[: at + 1]
        row: dict[str, Any] = {"name": layer.name, "kind": layer.kind, "enabled": layer.enabled, "error": stage.error}
        row |= dict.fromkeys(("output_shape", "receptive_field", "jump", "offset", "edge_share"))
        row |= {"parameters": layer.parameters, "macs": stage.macs}
        if not stage.error:
            found = reach(before, ndim)
            row["output_shape"] = [stage.out_channels, *stage.out_spatial]
            row["receptive_field"], row["jump"] = list(found.size), list(found.jump)
            row["offset"], row["edge_share"] = list(found.offset), edge_share(stack, at)
        rows.append(row)
    return rows


def edge_share(stack: Stack, at: int) -> float:
    """Share of a layer's outputs whose fields meet padding, in any layer up to it."""
    free = 1
    for axis, size in enumerate(stack.shape[1:]):
        sizes = [size, *(stage.out_spatial[axis] for stage in stack.stages[: at + 1])]
        free *= len(clean(axis_windows(stack.stages[: at + 1], axis), sizes)[-1])
    return 1 - free / prod(stack.stages[at].out_spatial)


def print_table(stack: Stack, rows: list[dict[str, Any]], parameters: int, macs: int) -> None:
    """The rows for people."""
    print(f"input {stack.name}: {by(stack.shape)}\n")
    head = ("layer", "kind", "output", "weights", "multiply-adds", "field", "jump", "offset", "meets padding")
    lines: list[list[str]] = []
    for row in rows:
        kind = row["kind"] if row["enabled"] else f"{row['kind']} (off)"
        if row["error"]:
            lines.append([row["name"], kind, "cannot run", count(row["parameters"]), "", "", "", "", ""])
            continue
        numbers = [count(row["parameters"]), count(row["macs"])]
        starts = ", ".join(str(start).replace("-", "−") for start in row["offset"])
        fields = [by(row["receptive_field"]), by(row["jump"]), starts]
        lines.append([row["name"], kind, by(row["output_shape"]), *numbers, *fields, f"{row['edge_share']:.1%}"])
    print(table(head, lines, right=(3, 4, 8)))
    print(f"\n{count(parameters)} weights and biases, {count(macs)} multiply-adds")
    for row in rows:
        if row["error"]:
            print(f"{row['name']} cannot run: {row['error']}")
