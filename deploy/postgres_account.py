"""Chooses the account that runs the embedded PostgreSQL, which refuses to run as root.

For an ordinary user it is that user. For root it is `nobody` (or who owns the cluster already): nothing on
the machine is changed. Where a closed folder (a home, a `mktemp -d`) is in the way, PostgreSQL gets
the one capability that lets it pass, instead of the folder being opened to everybody.
"""

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = (
    1,
    2,
)  # the second may only read and pass, but containers often lack it


class NoAccountError(Exception):
    """Nobody can run PostgreSQL here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    uid: int | None = None  # None: the account of this process
    gid: int | None = None
    capability: int | None = None

    def take(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def account_for(cluster: Path, *, program: Path) -> Account:
    """The account to run `program` with the data in `cluster` (which need not exist yet)."""
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise NoAccountError(
                f"{cluster} belongs to another account (uid {owner});"
                " run this as that account or choose another DATA_DIR."
            )
        return Account()
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        raise NoAccountError(
            "PostgreSQL refuses to run as root and there is no account `nobody`;"
            " run this as an ordinary user or set DATABASE_URL."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, capability_to_reach(cluster, program, uid=entry.pw_uid))


def capability_to_reach(cluster: Path, program: Path, *, uid: int) -> int | None:
    folders = [folder for path in (cluster, program) for folder in path.parents]
    closed = [path for path in folders if not is_open(path, uid)]
    unreadable = not is_open(program, uid)
    if not closed and not unreadable:
        return None
    enough = (CAP_DAC_OVERRIDE,) if unreadable else (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
    held = own_capabilities()
    for capability in enough:
        if held & 1 << capability:
            return capability
    raise NoAccountError(
        f"PostgreSQL refuses to run as root, and `nobody` may not enter {closed[-1] if closed else program};"
        " open it (chmod o+x), put the checkout elsewhere, run this as an ordinary user, or set DATABASE_URL."
    )


def is_open(path: Path, uid: int) -> bool:
    status = path.stat()
    return bool(status.st_mode & (stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH))


def own_capabilities() -> int:
    if sys.platform != "linux":
        return 0
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:"))
    return int(line.split()[1], 16)
