# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panes show now: remembered, so that it can be asked for again after an edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from convdesk.engine.scheduler import Scheduler, TileResult, View
from convdesk.geometry import Box, Span
from convdesk.media.source import Source
from convdesk.network.stack import Stage

SNAP = 64
"""Views grow to multiples of this many samples, so that a small pan finds most of its tiles in the cache."""
PRIORITY = {"output": 0, "layer_input": 1, "input": 1}
"""Lower comes first; thumbnails come last."""
THUMB = "thumb:"
"""What the name of a thumbnail's pane begins with."""


@dataclass(frozen=True)
class Subject:
    """What a view looks at: an input, the stages up to a layer, and its shape there."""

    source: Source
    token: int
    stages: tuple[Stage, ...]
    channels: int
    spatial: tuple[int, ...]
    backend: str


@dataclass(frozen=True)
class _Wish:
    layer: str
    box: Box
    step: tuple[int, ...]
    channels: tuple[int, ...] | None


class Views:
    """The panes' wishes, and the scheduler that fulfils them. Its threads start with the first wish.

    Parameters
    ----------
    subject
        Gives the :class:`Subject` of a layer's name, or None when it cannot run now.
    deliver
        Called with every TileResult, on a worker thread.
    """

    def __init__(
        self, subject: Callable[[str], Subject | None], deliver: Callable[[TileResult], None], workers: int | None
    ) -> None:
        self._subject, self._deliver, self._workers = subject, deliver, workers
        self._wishes: dict[str, _Wish] = {}
        self._scheduler: Scheduler | None = None

    def look(self, pane: str, layer: str, box: Box, step: tuple[int, ...], channels: tuple[int, ...] | None) -> None:
        """Show this in a pane, from now on."""
        self._wishes[pane] = _Wish(layer, box, step, channels)
        self._request(pane)

    def look_away(self, pane: str) -> None:
        """Nothing more for this pane."""
        self._wishes.pop(pane, None)
        if self._scheduler is not None:
            self._scheduler.cancel(pane)

    def again(self, changed: Callable[[str], bool], known: Iterable[str], ndim: int) -> None:
        """Ask anew for the panes whose layer has changed; those whose layer or axes are gone are forgotten."""
        names = set(known)
        for pane, wish in list(self._wishes.items()):
            if wish.layer not in names or len(wish.box) != ndim:
                self.look_away(pane)
            elif changed(wish.layer):
                self._request(pane)

    def wait(self, timeout: float) -> bool:
        """Block until everything was delivered; False when the time ran out."""
        return self._scheduler is None or self._scheduler.wait_idle(timeout)

    def close(self) -> None:
        """Stop the threads."""
        if self._scheduler is not None:
            self._scheduler.close()
            self._scheduler = None

    def _request(self, pane: str) -> None:
        wish = self._wishes[pane]
        subject = self._subject(wish.layer)
        if subject is None:
            if self._scheduler is not None:
                self._scheduler.cancel(pane)
            return
        box = tuple(_snapped(s, by, n) for s, by, n in zip(wish.box, wish.step, subject.spatial, strict=True))
        channels = wish.channels
        if channels is not None and max(channels, default=0) >= subject.channels:
            channels = tuple(channel for channel in channels if channel < subject.channels) or (0,)
        if self._scheduler is None:
            self._scheduler = Scheduler(self._deliver, self._workers)
        self._scheduler.request(
            View(
                pane, wish.layer, subject.source, subject.stages, box, wish.step, channels, subject.backend,
                PRIORITY.get(pane, 2), subject.token,
            )
        )  # fmt: skip


def _snapped(span: Span, step: int, size: int) -> Span:
    """A span grown to the lattice of samples and clipped to an axis."""
    if len(span) == 1:
        return Span(min(max(0, span.start), size), max(0, min(span.stop, size)))  # one slice of a volume stays one
    grid = SNAP * step
    start = min(max(0, span.start) // grid * grid, size)
    return Span(start, max(start, min(-(-min(span.stop, size) // grid) * grid, size)))
