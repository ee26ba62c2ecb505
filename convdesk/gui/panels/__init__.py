# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels around the stage, one file each."""
