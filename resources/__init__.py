# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that ship with ConvDesk, as the package ``convdesk_resources`` (read through ``importlib.resources``)."""
