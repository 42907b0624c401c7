"""Becomes a program that dies with its parent, running as another account when asked to.

Run as a file by `python -I -S` (20 ms): it does what a preexec_fn would, which is not safe beside threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
# Changing the account keeps capabilities, and access() honours them (initdb looks for its programs with it).
NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522


def launcher(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    uid: int | None = None,
    gid: int | None = None,
    capability: int | None = None,
) -> list[str]:
    """The command line that runs `command` in this way, as a child of the calling process."""
    account = ["-" if number is None else str(number) for number in (uid, gid, capability)]
    options = [str(os.getpid()), str(int(death_signal)), *account]
    return [sys.executable, "-I", "-S", __file__, *options, *map(str, command)]


def main() -> None:
    parent, death_signal = map(int, sys.argv[1:3])
    uid, gid, capability = (None if word == "-" else int(word) for word in sys.argv[3:6])
    command = sys.argv[6:]
    if uid is not None and gid is not None:
        change_account(uid, gid, capability)
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, death_signal)  # after the change of account, which would clear it
    if os.getppid() != parent:
        sys.exit("The process that asked for this one is gone already.")
    for number in (signal.SIGPIPE, signal.SIGINT):  # Python and background shells leave these ignored
        signal.signal(number, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 (no shell is wanted)


def change_account(uid: int, gid: int, capability: int | None) -> None:
    """Give up root for good; one capability may survive it, and the exec after it (hence ambient)."""
    if capability is not None:
        prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capability is not None:
        mask = 1 << capability
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        effective_permitted_inheritable = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        checked(libc().capset(header, effective_permitted_inheritable))
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def prctl(operation: int, *arguments: int) -> None:
    words = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    checked(libc().prctl(operation, *words))


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main()
