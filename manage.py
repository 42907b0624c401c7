#!/usr/bin/env python
"""Runs a management command."""

import os
import sys

from deploy.local import local_installation


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    with local_installation(sys.argv[1] if len(sys.argv) > 1 else "help"):
        from django.core.management import execute_from_command_line  # noqa: PLC0415 (after the settings are named)

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
