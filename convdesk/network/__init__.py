# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen layers, their shapes and their problems; nothing here computes."""
