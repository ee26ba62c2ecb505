# SPDX-License-Identifier: GPL-3.0-or-later
"""The public calls on whole arrays: arguments are checked here, and computed by whom the planner chooses."""

from convdesk.functional.conv import conv
from convdesk.functional.plain import convolve, correlate
from convdesk.functional.pool import avg_pool, max_pool

__all__ = ["avg_pool", "conv", "convolve", "correlate", "max_pool"]
