# SPDX-License-Identifier: GPL-3.0-or-later
"""What draws data: panes, overlays, cells, legends and plots. Nothing here knows of documents or engines."""
