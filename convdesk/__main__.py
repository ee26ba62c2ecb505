# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m convdesk`` is the ``convdesk`` command."""

import sys

from convdesk.cli.main import main

sys.exit(main())
