# SPDX-License-Identifier: GPL-3.0-or-later
"""What pyproject.toml cannot say: the compiled modules, and that ``resources/`` is ``convdesk_resources``."""

from __future__ import annotations

from glob import glob
from os import environ
from pathlib import Path

from setuptools import Extension, find_packages, setup

FLAGS = ["-std=gnu11", "-O3", "-ffp-contract=off", "-g0", "-fno-math-errno", "-pthread"]
LINK = ["-pthread", "-lm"]
if sanitizers := environ.get("CONVDESK_SANITIZE"):
    FLAGS += [
        "-Og",
        "-g1",
        "-fno-var-tracking",
        "-fno-omit-frame-pointer",
        f"-fsanitize={sanitizers}",
        "-fno-sanitize-recover=undefined",
    ]
    LINK += [f"-fsanitize={sanitizers}"]


def door(pyx: str) -> Extension:
    """Declare ``convdesk.backends.native.<door>``: one typed door plus the C units behind it."""
    return Extension(
        f"convdesk.backends.native.{Path(pyx).stem}",
        [pyx, *sorted(glob("extensions/csrc/*.c"))],
        include_dirs=["extensions/csrc"],
        depends=sorted(glob("extensions/csrc/*.[hi]*") + glob("extensions/cython/*.pxi")),
        extra_compile_args=FLAGS,
        extra_link_args=LINK,
    )


setup(
    packages=["convdesk", *find_packages(include=["convdesk.*"]), "convdesk_resources"],
    package_dir={"convdesk_resources": "resources"},
    ext_modules=[door(pyx) for pyx in sorted(glob("extensions/cython/_*.pyx"))],
)
