# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lecture teaches, as calculations that know no window."""
