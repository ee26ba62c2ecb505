# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk backends``: what there is to compute with, and whether it is right."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from convdesk.backends.registry import backends, names
from convdesk.cli.failure import Usage
from convdesk.cli.main import DONE, FAILED
from convdesk.cli.text import say_json, table

EXAMPLE = """
convdesk backends
convdesk backends --verify native
"""


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--verify", metavar="NAME", help="check a backend against the reference and the protocol")
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def run(args: Namespace) -> int:
    """Print the table, or verify; 1 when something differs."""
    if args.verify is not None:
        return verify_backend(args.verify, args.json)
    found = backends()
    if args.json:
        say_json([asdict(info) for info in found])
        return DONE
    rows = [(one.name, "available" if one.available else "no", one.version, one.device or one.reason) for one in found]
    print(table(("backend", "usable", "version", "computes on, or why not"), rows))
    return DONE


def verify_backend(name: str, as_json: bool) -> int:
    """Every check of the kit on every implementation: a line for each problem it takes, and the verdict."""
    from convdesk.testing import table as verdict_table
    from convdesk.testing import verify

    if name not in names():
        raise Usage(f"there is no backend named {name!r}; there are {', '.join(names())}")
    verdicts = verify(name)
    tried = [verdict for verdict in verdicts if verdict.verdict != "refused"]
    failed = [verdict for verdict in tried if verdict.verdict == "failed"]
    right = bool(tried) and not failed
    if as_json:
        rows = [asdict(verdict) for verdict in verdicts]
        for row in rows:
            row["error"] = row["error"] if row["error"] < float("inf") else None  # JSON has no infinity
        say_json({"backend": name, "right": right, "checks": len(tried), "failed": len(failed), "verdicts": rows})
    else:
        print(verdict_table(tried))
        problems = len({verdict.problem for verdict in tried})
        told = f"{len(tried):,} checks on {problems} problems"
        if not tried:
            print(f"\n{name}: refused every problem, nothing was verified")
        elif failed:
            print(f"\n{name} differs: {len(failed)} of {told} failed")
        else:
            worst = max(verdict.error for verdict in tried)
            print(f"\n{name} verified: {told}, largest error {worst:.2g} of what is allowed")
    return DONE if right else FAILED
