# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window remembers from one day to the next: theme, recent files, last commands. One JSON file, Qt-free."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from convdesk.errors import FormatError
from convdesk.media.atomic import replacing

RECENT = 12
LAST = 8


def settings_path() -> Path:
    """Where the settings are kept; ``CONVDESK_SETTINGS`` names another file."""
    if named := os.environ.get("CONVDESK_SETTINGS"):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("convdesk", appauthor=False) / "window.json"


class Settings:
    """Values by name, read once and written at once after each change.

    A file that cannot be read is as good as none, and one that cannot be written is reported once in ``problem``:
    nobody loses work over a theme.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = settings_path() if path is None else path
        self.problem = ""
        self._values: dict[str, Any] = {}
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        if isinstance(found, dict):
            self._values = found

    def get(self, name: str, default: Any) -> Any:
        """Return a value, or the default when it is missing or of another type."""
        value = self._values.get(name, default)
        return value if isinstance(value, type(default)) else default

    def set(self, name: str, value: Any) -> None:
        """Keep a value."""
        if self._values.get(name) == value:
            return
        self._values[name] = value
        try:
            with replacing(self.path) as stream:
                stream.write(json.dumps(self._values, indent=1, ensure_ascii=False).encode("utf-8"))
        except FormatError as error:
            self.problem = str(error)

    def recent_files(self) -> list[Path]:
        """Files that were opened or saved, newest first; those that are gone are left out."""
        names = [name for name in self.get("recent", []) if isinstance(name, str)]
        return [path for path in map(Path, names) if path.exists()]

    def remember_file(self, path: Path) -> None:
        """Put a file first in the list."""
        self._remember("recent", str(path.resolve()), RECENT)

    def forget_files(self) -> None:
        """Empty the list."""
        self.set("recent", [])

    def last_commands(self) -> list[str]:
        """Commands chosen in the search, newest first."""
        return [name for name in self.get("commands", []) if isinstance(name, str)]

    def remember_command(self, name: str) -> None:
        """Put a command first in the list."""
        self._remember("commands", name, LAST)

    def _remember(self, what: str, name: str, most: int) -> None:
        rest = [other for other in self.get(what, []) if other != name]
        self.set(what, [name, *rest][:most])
