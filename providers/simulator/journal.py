"""What the network did, line by line on disk, so that neither a restart nor a kill changes the truth."""

import json
import os
from pathlib import Path
from typing import Any, BinaryIO


class Journal:
    """Append-only JSON lines. A line cut short by a crash was never answered for, and is dropped."""

    def __init__(self, path: Path | None, *, fsync: bool) -> None:
        self._fsync = fsync
        self._lines = _open(path) if path else None

    def entries(self) -> list[dict[str, Any]]:
        if self._lines is None:
            return []
        self._lines.seek(0)
        return [json.loads(line) for line in self._lines.read().splitlines()]

    def append(self, event: str, **facts: Any) -> None:
        """In the hands of the system before it returns: from there on only a power cut could lose it."""
        if self._lines is None:
            return
        self._lines.write(json.dumps({"event": event, **facts}).encode() + b"\n")
        self._lines.flush()
        if self._fsync:
            os.fsync(self._lines.fileno())

    def clear(self) -> None:
        if self._lines is not None:
            self._lines.truncate(0)

    def close(self) -> None:
        if self._lines is not None:
            self._lines.close()


def _open(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.open("ab+")
    lines.seek(0)
    lines.truncate(lines.read().rfind(b"\n") + 1)
    return lines
