# SPDX-License-Identifier: GPL-3.0-or-later
"""The public calls on whole arrays: arguments are checked here, and computed by whom the planner chooses."""

from convdesk.functional.adaptive import adaptive_avg_pool, adaptive_max_pool
from convdesk.functional.conv import conv
from convdesk.functional.conv_grad import conv_grad_input, conv_grad_weight
from convdesk.functional.local import local_conv
from convdesk.functional.lp import lp_pool
from convdesk.functional.match import match
from convdesk.functional.plain import convolve, correlate
from convdesk.functional.pool import avg_pool, max_pool, min_pool
from convdesk.functional.pool_grad import avg_pool_grad, max_pool_grad, max_unpool
from convdesk.functional.transpose import conv_transpose

__all__ = [
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "avg_pool_grad",
    "conv",
    "conv_grad_input",
    "conv_grad_weight",
    "conv_transpose",
    "convolve",
    "correlate",
    "local_conv",
    "lp_pool",
    "match",
    "max_pool",
    "max_pool_grad",
    "max_unpool",
    "min_pool",
]
