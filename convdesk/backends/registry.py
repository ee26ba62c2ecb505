# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backends there are: the built-in ones, and those of other distributions.

Plugins are found by the entry-point group ``convdesk.backends``. They are listed without being imported and loaded on
first need. A plugin that cannot be loaded is kept as :class:`Broken`, with the reason, and never stops anything else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from convdesk.backends.protocol import PROTOCOL_VERSION, Availability, Backend
from convdesk.errors import BackendUnavailable

GROUP = "convdesk.backends"
BUILT_IN = {
    "native": "convdesk.backends.native:NativeBackend",
    "cupy": "convdesk.backends.cupy:CupyBackend",
    "numpy": "convdesk.backends.numpy:NumpyBackend",
}
TITLES = {"native": "native", "cupy": "CuPy", "numpy": "NumPy"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A backend that is known by name and not yet loaded. ``distribution`` is "" for a built-in one."""

    name: str
    target: str
    distribution: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A backend that cannot be loaded, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """One row of ``convdesk.backends()``.

    Attributes
    ----------
    name
        What to pass as ``backend=``.
    available
        Whether it can be used here.
    reason
        Why not, in words a person can act on; "" when it can.
    device, version
        What it computes on, and its version or its distribution's.
    """

    name: str
    available: bool
    reason: str
    device: str
    version: str


def listed(points: Iterable[EntryPoint]) -> dict[str, Entry | Broken]:
    """Built-in backends and entry points by name, nothing imported.

    Names that are claimed twice are broken for all who claim them; built-in names stay with the built-in backends.
    """
    found: dict[str, Entry | Broken] = {name: Entry(name, target) for name, target in BUILT_IN.items()}
    claims: dict[str, list[EntryPoint]] = {}
    for point in sorted(set(points), key=lambda point: (point.name, _distribution(point))):
        claims.setdefault(point.name, []).append(point)
    for name, claimants in claims.items():
        if name in BUILT_IN or name == "auto":
            for point in claimants:
                key = f"{name} ({_distribution(point)})"
                found[key] = Broken(key, f"{_distribution(point)} offers a backend named {name!r}, which is built in")
        elif len(claimants) > 1:
            who = " and ".join(_distribution(point) for point in claimants)
            found[name] = Broken(name, f"{who} both offer a backend named {name!r}: uninstall all but one")
        else:
            dist = claimants[0].dist
            found[name] = Entry(name, claimants[0].value, _distribution(claimants[0]), dist.version if dist else "")
    return found


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else f"an unnamed distribution ({point.value})"


def load(entry: Entry | Broken) -> Backend | Broken:
    """Import a backend and make the one object that serves it; never raises."""
    if isinstance(entry, Broken):
        return entry
    module, _, attribute = entry.target.partition(":")
    try:
        made = import_module(module)
        for part in attribute.split("."):
            made = getattr(made, part)
        backend = made() if callable(made) else made
    except ModuleNotFoundError as error:
        if not entry.distribution and error.name == module:
            return Broken(entry.name, f"the {TITLES[entry.name]} backend is not part of this version")
        return Broken(entry.name, _where(entry, f"ModuleNotFoundError: {error}"))
    except Exception as error:  # a plugin may raise anything, and must not take the program along
        return Broken(entry.name, _where(entry, f"{type(error).__name__}: {error}"))
    return _checked(entry, backend)


def _where(entry: Entry, what: str) -> str:
    return f"{entry.target} of {entry.distribution or 'convdesk'} could not be loaded: {what}"


def _checked(entry: Entry, backend: Backend) -> Backend | Broken:
    written_for = getattr(backend, "protocol_version", 1)
    if written_for != PROTOCOL_VERSION:
        return Broken(
            entry.name,
            f"{entry.target} of {entry.distribution} is written for backend protocol {written_for},"
            f" this ConvDesk speaks {PROTOCOL_VERSION}",
        )
    needed = ("name", "probe", "implementations", "empty", "upload", "download")
    missing = [what for what in needed if not hasattr(backend, what)]
    if missing:
        return Broken(entry.name, _where(entry, f"it has no {', '.join(missing)}"))
    if backend.name != entry.name:
        return Broken(entry.name, _where(entry, f"it calls itself {backend.name!r}, its entry point {entry.name!r}"))
    return backend


class Registry:
    """Entries and loaded backends; one object of the process, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._entries: dict[str, Entry | Broken] | None = None
        self._loaded: dict[str, Backend | Broken] = {}
        self.generation = 0

    def entries(self) -> dict[str, Entry | Broken]:
        """All backends by name, nothing imported."""
        with self._lock:
            if self._entries is None:
                self._entries = listed(entry_points(group=GROUP))
            return self._entries

    def load(self, name: str) -> Backend | Broken:
        """The backend of that name, imported on first need, or why there is none."""
        loaded = self._loaded.get(name)
        if loaded is not None:
            return loaded
        with self._lock:
            entry = self.entries().get(name)
            if entry is None:
                known = ", ".join(self.entries())
                return Broken(name, f"there is no backend named {name!r}; there are {known}")
            if name not in self._loaded:
                self._loaded[name] = load(entry)
            return self._loaded[name]

    def refresh(self) -> None:
        """Forget everything, so that installed and removed plugins are seen; for tests and notebooks."""
        with self._lock:
            self._entries = None
            self._loaded.clear()
            self.generation += 1


REGISTRY = Registry()


def probe(name: str) -> Availability:
    """Whether the backend of that name can be used; a broken one cannot, for its reason. Never raises."""
    backend = REGISTRY.load(name)
    if isinstance(backend, Broken):
        return Availability(False, backend.reason)
    try:
        found: object = backend.probe()
    except Exception as error:  # the protocol forbids it, a plugin may do it all the same
        return Availability(False, f"its probe raised {type(error).__name__}: {error}")
    if not isinstance(found, Availability):
        return Availability(False, f"its probe returned {found!r}, expected an Availability")
    return found


def names() -> list[str]:
    """Names of all backends, built-in ones first, nothing imported."""
    return list(REGISTRY.entries())


def backends() -> list[BackendInfo]:
    """Every backend, the ones that cannot be used too, with the reason."""
    infos = []
    for name, entry in REGISTRY.entries().items():
        found = probe(name)
        version = found.version or getattr(entry, "version", "")
        infos.append(BackendInfo(name, found.available, found.reason, found.device, version))
    return infos


def get_backend(name: str) -> Backend:
    """The backend of that name.

    Raises
    ------
    BackendUnavailable
        When there is none, or it cannot be used here; the message says why.
    """
    found = probe(name)
    backend = REGISTRY.load(name)
    if isinstance(backend, Broken):
        raise BackendUnavailable(f"backend {name!r}: {backend.reason}")
    if not found.available:
        raise BackendUnavailable(f"backend {name!r} cannot be used here: {found.reason}")
    return backend


def refresh() -> None:
    """Look for installed backends again."""
    REGISTRY.refresh()
