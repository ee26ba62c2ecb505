# SPDX-License-Identifier: GPL-3.0-or-later
"""The same document on many files: a desk without a viewport."""

from convdesk.batch.job import Item, Job, expand, items
from convdesk.batch.report import Event, FileFinished, FileStarted, JobFinished, JobStarted, Outcome, Report
from convdesk.batch.run import run_job

__all__ = [
    "Event",
    "FileFinished",
    "FileStarted",
    "Item",
    "Job",
    "JobFinished",
    "JobStarted",
    "Outcome",
    "Report",
    "expand",
    "items",
    "run_job",
]
