# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands around a picture: the strip of channels above it, the chips, the line of progress and the ring on it."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from .eye import Channel, channel_name
from .parts import Chip, Segmented, Tool, row
from .theme import colour, logical, px

PAGE = 16
BUSY_MS = 150


class ChannelStrip(QWidget):
    """The channels of a layer, one chosen: ``RGB R G B``, or numbers in pages of 16. Signals: ``changed(channel)``."""

    changed = pyqtSignal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._channel: Channel = 0
        self._count, self._page = 1, 0
        self._colour, self._what = False, "Channel"
        self.choice = Segmented([], 0, name=f"{name}, channel")
        self.choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.choice.changed.connect(lambda index: self.changed.emit(self._options()[index]))
        self.back = Tool("left", "Channels before", size=14, action=lambda: self._turn(-1))
        self.on = Tool("right", "Channels after", size=14, action=lambda: self._turn(1))
        self.setLayout(row(self.back, self.choice, self.on, 1, spacing=2))
        logical(self, height=28)
        self.hide()

    @property
    def count(self) -> int:
        """Number of channels."""
        return self._count

    def counts(self, what: str) -> None:
        """Count something else than the channels of a picture."""
        self._what = what

    def show_channels(self, count: int, channel: Channel, colour: bool = False) -> None:
        """Show which of ``count`` channels is chosen; three of a ``colour`` picture are red, green and blue."""
        self._colour = colour and count == 3
        page = (
            self._page if channel == "rgb" or (count, channel) == (self._count, self._channel) else int(channel) // PAGE
        )
        self._count, self._channel, self._page = count, channel, min(page, (count - 1) // PAGE)
        self.choice.setVisible(count > 1)
        self.setVisible(count > 1)
        options = self._options()
        names = [channel_name(option, count) if self._colour else str(option) for option in options]
        on = options.index(channel) if channel in options else -1
        if names != self.choice.options():
            self.choice.set_options(names, on, [self._tip(option) for option in options])
        self.choice.set_current(on)
        for tool, possible in ((self.back, self._page > 0), (self.on, (self._page + 1) * PAGE < count)):
            tool.setVisible(count > PAGE)
            tool.setEnabled(possible)

    def _options(self) -> list[Channel]:
        first = self._page * PAGE
        channels: list[Channel] = list(range(first, min(first + PAGE, self._count)))
        return ["rgb", *channels] if self._colour else channels

    def _tip(self, channel: Channel) -> str:
        return (
            "Colour: the first three channels"
            if channel == "rgb"
            else f"{self._what} {channel} of {self._count}, from 0"
        )

    def _turn(self, by: int) -> None:
        self._page = min(max(self._page + by, 0), (self._count - 1) // PAGE)
        self.show_channels(self._count, self._channel, self._colour)


class Chips(QWidget):
    """Chips over the top left of a picture, by name; each explains itself."""

    def __init__(self, region: QWidget) -> None:
        super().__init__(region)
        self._row: QHBoxLayout = row(spacing=4, margins=(6, 6, 6, 0))
        self.setLayout(self._row)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        self._chips: dict[str, Chip] = {}
        self.hide()

    def texts(self) -> dict[str, str]:
        """What is said now."""
        return {name: chip.text() for name, chip in self._chips.items() if not chip.isHidden()}

    def say(self, name: str, text: str, tip: str = "", ink: str = "text2") -> None:
        """Show a chip, or take it away with an empty text."""
        chip = self._chips.get(name)
        if chip is None and not text:
            return
        if chip is None:
            chip = self._chips[name] = Chip("")
            self._row.addWidget(chip)
        if (chip.text(), chip.toolTip()) != (text, tip):
            chip.set_text(text, ink=ink, tip=tip)
        chip.setVisible(bool(text))
        shown = any(not one.isHidden() for one in self._chips.values())
        self.setVisible(shown)
        if shown:
            self._row.activate()
            self.resize(self._row.sizeHint())


class Progress(QWidget):
    """Two pixels of accent along the top of a pane, and a ring beside its shape, from 150 ms of waiting on."""

    def __init__(self, region: QWidget) -> None:
        super().__init__(region)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.ring = Ring(region)
        self._share = 0.0
        self._late = QTimer(self, singleShot=True, interval=BUSY_MS)
        self.hide()

    @property
    def late(self) -> QTimer:
        """Fires when something has been waited for too long to say nothing."""
        return self._late

    def expect(self) -> None:
        """Something has been asked for."""
        if not self._late.isActive() and self.isHidden():
            self._share = 0.0
            self._late.start()

    def arrive(self, share: float) -> bool:
        """A part has come; returns whether everything has."""
        self._share = share
        if share >= 1:
            self._late.stop()
            self.hide()
            self.ring.stop()
        self.update()
        return share >= 1

    def show_late(self) -> None:
        """Say that it takes a while."""
        region = self.parentWidget()
        self.setGeometry(0, 0, region.width(), px(2))
        self.show()
        self.raise_()
        self.ring.start()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the share that is done."""
        QPainter(self).fillRect(0, 0, round(self.width() * max(self._share, 0.02)), self.height(), colour("accent"))


class Ring(QWidget):
    """14 px that turn while something is computed; they lie over the picture, so nothing moves."""

    def __init__(self, region: QWidget) -> None:
        super().__init__(region)
        self._angle = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._timer = QTimer(self, interval=80)
        self._timer.timeout.connect(self._turn)
        self.setAccessibleName("Computing")
        logical(self, width=14, height=14)

    @property
    def turning(self) -> bool:
        """Whether something is computed."""
        return self._timer.isActive()

    def start(self) -> None:
        """Turn, in the top right corner."""
        self._timer.start()
        self.move(self.parentWidget().width() - self.width() - px(8), px(8))
        self.show()
        self.raise_()

    def stop(self) -> None:
        """Rest."""
        self._timer.stop()
        self.hide()

    def sizeHint(self) -> QSize:
        """14 logical pixels."""
        return QSize(px(14), px(14))

    def _turn(self) -> None:
        self._angle = (self._angle - 30) % 360
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw an arc while turning."""
        if self.turning:
            p = QPainter(self)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(colour("accent"), px(2)))
            p.drawArc(QRectF(self.rect()).adjusted(2, 2, -2, -2), self._angle * 16, 270 * 16)
