# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: one small file per command, imported when the command is called."""
