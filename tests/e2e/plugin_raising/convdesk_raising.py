# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend whose import fails: its library is not installed properly."""

raise OSError("libraising.so.3: cannot open shared object file")
