# SPDX-License-Identifier: GPL-3.0-or-later
"""A document and an engine wired together: the only model that the window and the batch talk to."""

from convdesk.desk.desk import Desk

__all__ = ["Desk"]
