"""Runs a management command, or `web PORT`, with something planted in it; what dies is born anew at once.

    python -m tests.chaos.launch run_scheduler

The parent imports the product once and forks, so that a life begins in milliseconds; Django's own server serves the
web here for the same reason. A child dies with its parent.
"""

import os
import signal
import sys
from typing import NoReturn

from tests.chaos import crash_points, sabotages


def main() -> None:
    import deploy.wsgi  # noqa: F401, PLC0415 (the environment is ready now; this imports everything)

    crash_points.install()
    sabotages.install()
    while True:
        child = os.fork()
        if child == 0:
            live(sys.argv[1:])
        os.waitpid(child, 0)


def live(command: list[str]) -> NoReturn:
    from deploy.launch import PR_SET_PDEATHSIG, prctl  # noqa: PLC0415

    os.setsid()  # it dies by a signal to its group, and the parent must not
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        act(command)
    finally:
        os._exit(1)


def act(command: list[str]) -> None:
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (after django.setup)
    from django.core.servers.basehttp import run  # noqa: PLC0415

    from deploy.wsgi import application  # noqa: PLC0415

    if command[0] == "web":
        run("127.0.0.1", int(command[1]), application, threading=True)
    else:
        execute_from_command_line(["manage.py", *command])


if __name__ == "__main__":
    main()
