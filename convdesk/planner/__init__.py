# SPDX-License-Identifier: GPL-3.0-or-later
"""Who computes a problem, and why: implementations refuse with a reason or state a cost; the cheapest is planned."""

from convdesk.planner.execute import compute, execute
from convdesk.planner.plan import Plan
from convdesk.planner.select import explain, plan

__all__ = ["Plan", "compute", "execute", "explain", "plan"]
