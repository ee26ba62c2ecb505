# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: PyQt6 and pyqtgraph, and nothing that computes."""
