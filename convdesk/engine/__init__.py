# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes what is asked for, nearest to the eye first, and keeps it."""
