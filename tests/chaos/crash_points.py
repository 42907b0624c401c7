"""Names every moment before and after a commit or a call to the network, and can die at one: real, by SIGKILL.

A point is named for the product's function that commits or calls, for whose sake it does (the job or the view), and
for the side: `payments.dispatch.commit_intent for dispatch of pay: after commit`. Nobody lists them by hand; whatever
the product does in a run is there.
"""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

PRODUCT = ("payments", "tenants", "api", "providers", "portal")
# Parts of other functions, which say more about why something is written.
_PLUMBING = ("tenants.prepared.", "api.middleware.", "providers.http.")
# The same for everybody's sake.
_ALIKE = ("payments.circuits.", "providers.mtn.tokens.", "providers.tokens.")
# One point for each kind of object only where the code differs by kind.
_BY_KIND = ("payments.dispatch.", "payments.reconciliation.")
_WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b")

RECORD, KILL = "CHAOS_POINTS_REACHED", "CHAOS_POINTS_KILLED"


def install() -> None:
    """In a process under test: note each point in the folder RECORD; where KILL names a folder too, die once at each.

    Both come from the environment; without them nothing is changed.
    """
    if RECORD in os.environ:
        reached = Points(Path(os.environ[RECORD]))
        killed = Points(Path(os.environ[KILL])) if KILL in os.environ else None
        _watch(lambda name: _arrive(name, reached, killed))


class Points:
    """A set of names that processes share and that survives each of them: a folder with one file per name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._known: set[str] = set()

    def add(self, name: str) -> bool:
        """False when it was there already."""
        if name in self._known:
            return False
        self._known.add(name)
        with suppress(FileExistsError):
            os.close(os.open(self.folder / name, os.O_CREAT | os.O_EXCL))
            return True
        return False

    def names(self) -> list[str]:
        """In the order of their coming."""
        return [entry.name for entry in sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime_ns)]


def _arrive(name: str, reached: Points, killed: Points | None) -> None:
    reached.add(name)
    if killed is not None and killed.add(name):
        os.killpg(0, signal.SIGKILL)


def _watch(arrive: Callable[[str], None]) -> None:
    from providers.http import HttpClient  # noqa: PLC0415 (the launcher imports this before Django)

    def around(act: Callable[..., Any], what: Callable[..., str]) -> Callable[..., Any]:
        @wraps(act)
        def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
            doing = what(self, *args)
            place = _place(sys._getframe(1)) if doing else ""
            if not place:
                return act(self, *args, **kwargs)
            arrive(f"{place}: before {doing}")
            answer = act(self, *args, **kwargs)
            arrive(f"{place}: after {doing}")
            return answer

        return watched

    HttpClient.send = around(HttpClient.send, lambda _, request, *__: f"call {request.operation}")  # type: ignore[method-assign]
    psycopg.Connection.commit = around(psycopg.Connection.commit, _commit)  # type: ignore[method-assign]
    psycopg.Cursor.execute = around(psycopg.Cursor.execute, _write)  # type: ignore[method-assign]


def _commit(connection: psycopg.Connection[Any]) -> str:
    return "commit" if connection.info.transaction_status == TransactionStatus.INTRANS else ""


def _write(cursor: psycopg.Cursor[Any], query: object, *_: object) -> str:
    """A statement that is a transaction of its own."""
    connection = cursor.connection
    is_alone = connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE
    return "write" if is_alone and isinstance(query, str) and _WRITES.search(query) else ""


def _place(frame: FrameType | None) -> str:
    """Which function of the product acts, and for whose sake; "" when none does."""
    names = [name for name, _ in _product_frames(frame) if not name.startswith(_PLUMBING)]
    if not names:
        return ""
    acting = names[0]
    if acting.startswith(_ALIKE):
        return acting
    kind, subject = _job(frame)
    sake = kind or names[-1]
    if subject and acting.startswith(_BY_KIND):
        sake += f" of {subject}"
    return f"{acting} for {sake}" if sake != acting else acting


def _product_frames(frame: FrameType | None) -> Iterator[tuple[str, FrameType]]:
    """From the inside out. What is local to a function has no name of its own."""
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_qualname
        if module.partition(".")[0] in PRODUCT and "<" not in name:
            yield f"{module}.{name}", frame
        frame = frame.f_back


def _job(frame: FrameType | None) -> tuple[str, str]:
    """The kind of the job that runs, and the prefix of its subject's id."""
    for name, found in _product_frames(frame):
        if name == "tenants.jobs.run":
            job = found.f_locals["job"]
            return job.kind, job.subject.partition("_")[0]
    return "", ""
