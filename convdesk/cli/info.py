# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk info``: what a bug report needs: versions, hardware, backends, and what is missing."""

from __future__ import annotations

import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from convdesk.cli.main import DONE
from convdesk.cli.text import say_json, size

EXAMPLE = "convdesk info --json"
PACKAGES = ("numpy", "pillow", "tifffile", "msgspec", "platformdirs", "PyQt6", "PyQt6-Qt6", "pyqtgraph")
OPTIONAL = ("cupy-cuda12x", "cupy-cuda13x", "imagecodecs", "scipy", "torch", "opencv-python-headless")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def run(args: Namespace) -> int:
    """Print everything; nothing that is missing keeps the rest from being printed."""
    found = collect()
    if args.json:
        say_json(found)
        return DONE
    for title, values in found.items():
        print(f"{title}:")
        for line in lines(values):
            print(f"  {line}")
    return DONE


def collect() -> dict[str, Any]:
    """Everything, as plain values by section."""
    from convdesk import __version__
    from convdesk.backends.registry import backends
    from convdesk.gui.settings import settings_path
    from convdesk.media.samples import samples_folder

    return {
        "convdesk": {"version": __version__, "folder": str(Path(__file__).parents[1])},
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "packages": versions(),
        "system": {"name": _system(), "libc": " ".join(platform.libc_ver())},
        "hardware": hardware(),
        "backends": [asdict(info) for info in backends()],
        "window": window(),
        "paths": {"settings": str(settings_path()), "samples": str(samples_folder())},
        "environment": {name: value for name, value in sorted(os.environ.items()) if _relevant(name)},
    }


def versions() -> dict[str, str]:
    """Versions of what ConvDesk needs, and of what it can use when it is there."""
    found = {}
    for name in (*PACKAGES, *OPTIONAL):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            if name in PACKAGES:
                found[name] = "not installed"
    return found


def hardware() -> dict[str, Any]:
    """Processor, cores, instruction set of the compiled core, threads, memory."""
    from convdesk.backends.native.core import TITLES, isa
    from convdesk.errors import BackendUnavailable, ParameterError
    from convdesk.media.origin import available_memory
    from convdesk.threads import available_processors, get_threads

    try:
        simd = TITLES.get(isa(), isa())
    except BackendUnavailable as error:
        simd = str(error)
    try:
        threads: int | str = get_threads()
    except ParameterError as error:
        threads = str(error)
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "cores_usable": available_processors(),
        "threads": threads,
        "compiled_core": simd,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "memory_free_bytes": available_memory(),
    }


def window() -> dict[str, Any]:
    """Whether a window can be opened here, and what it lacks."""
    from convdesk.cli.qt import installed
    from convdesk.gui import preflight

    absent = [name for name in ("PyQt6", "pyqtgraph") if not installed(name)]
    libraries = {**preflight.CORE, **preflight.XCB}
    lacking = preflight.missing(libraries) if sys.platform.startswith("linux") else []
    why = f"not installed: {', '.join(absent)}" if absent else preflight.obstacle()
    return {
        "can_open": why is None,
        "why_not": why or "",
        "missing_libraries": lacking,
        "install": preflight.install_line(lacking, libraries) if lacking else "",
    }


def lines(values: Any) -> list[str]:
    """A section for people."""
    if isinstance(values, list):
        return [
            f"{one['name']}: {one['device'] if one['available'] else 'not usable: ' + one['reason']}"
            + (f" ({one['version']})" if one["version"] else "")
            for one in values
        ]
    told = []
    for name, value in values.items():
        if name.endswith("_bytes"):
            name, value = name.removesuffix("_bytes"), size(value)
        if isinstance(value, list):
            value = ", ".join(value) or "none"
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value != "":
            told.append(f"{name.replace('_', ' ')}: {value}")
    return told


def _relevant(name: str) -> bool:
    prefixes = ("CONVDESK_", "QT_", "OMP_NUM", "OPENBLAS_NUM")
    return name.startswith(prefixes) or name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "LANG")


def _system() -> str:
    """Distribution and kernel."""
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = ""
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{name}, {kernel}" if name else kernel


def _processor() -> str:
    """Model name as the kernel tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        return platform.processor() or "unknown"
    return platform.processor() or "unknown"
