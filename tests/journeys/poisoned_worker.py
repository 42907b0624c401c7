"""A worker of ours that knows one more kind of job: one that kills whoever takes it, as a segfault would.

python -m tests.journeys.poisoned_worker run_huey --workers 4
"""

import os
import signal
import sys

import django
from django.core.management import execute_from_command_line


def kill(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    django.setup()
    from tenants import jobs  # noqa: PLC0415 (it imports models)

    jobs.JOBS["poison"] = "tests.journeys.poisoned_worker.kill"
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
