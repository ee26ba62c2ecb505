# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that ship with ConvDesk, importable as ``convdesk_resources``: read them through ``importlib.resources``."""
