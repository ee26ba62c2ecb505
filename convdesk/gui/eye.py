# SPDX-License-Identifier: GPL-3.0-or-later
"""How somebody looks at the document: tool, overlays, channel, slice. Not part of the document, and never undone."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

Channel = str | int
"""``"rgb"`` for the first three channels as a colour picture, or the number of one channel."""

PLANES = ("Axial", "Coronal", "Sagittal")
"""The three ways through a volume: the axis that is stepped through is 0, 1 or 2."""


class Eye(QObject):
    """The state of looking; every change is announced with its name.

    Attributes
    ----------
    tool : str
        ``inspect pan paint patch``.
    field, padding, values, grid : bool
        Overlays.
    linked : bool
        Whether the panes share zoom and position.
    layer_input : bool
        With two panes: whether the left one shows the layer's input instead of the source.
    colour : bool
        Whether the input is a colour picture, so that three channels are red, green and blue.
    plane, slice : int
        Of a volume: the axis stepped through, and the position on it in the source.
    """

    changed = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.tool = "inspect"
        self.field = True
        self.padding = True
        self.values = True
        self.grid = True
        self.linked = True
        self.layer_input = False
        self.plane = 0
        self.slice = 0
        self.terms_channel = 0
        self.colour = False
        self._channels: dict[str, Channel] = {}

    def set(self, name: str, value: object) -> None:
        """Change one attribute and announce it when it differs."""
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit(name)

    def channel(self, layer: str, count: int) -> Channel:
        """The channel of a layer that is shown, of ``count``."""
        chosen = self._channels.get(layer, "rgb")
        if chosen == "rgb":
            return "rgb" if count == 3 and self.colour else 0
        return min(int(chosen), count - 1)

    def index(self, layer: str, count: int) -> int:
        """The channel of a layer whose numbers are questioned: the first while colour is shown."""
        channel = self.channel(layer, count)
        return 0 if channel == "rgb" else int(channel)

    def set_channel(self, layer: str, channel: Channel) -> None:
        """Show another channel of a layer."""
        if self._channels.get(layer) != channel:
            self._channels[layer] = channel
            self.changed.emit("channel")

    def forget(self) -> None:
        """Start again with another source."""
        self._channels.clear()
        self.slice = 0
        self.terms_channel = 0
        self.changed.emit("channel")


def channel_name(channel: Channel, count: int) -> str:
    """What a channel is called: ``RGB``, ``R``, or its number."""
    if channel == "rgb":
        return "RGB"
    return "RGB"[int(channel)] if count == 3 else str(channel)
