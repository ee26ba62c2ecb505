# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the desk: a frozen state, the commands that change it, its history and its file."""
