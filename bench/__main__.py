"""`make bench`: a real installation on a database of its own, measured and taken down again."""

import os
import sys
import tempfile
from pathlib import Path

import django

from deploy import embedded

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as scratch, embedded.running(Path(scratch)) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "deploy.settings_test"}
        django.setup()
        from bench import accepting, report  # noqa: PLC0415 (they import models, which need the settings)

        figures = accepting.measure(Path(scratch))
        sys.stdout.write(report.table(figures) + "\n")
        report.write(figures, folder / "bench.json")


if __name__ == "__main__":
    main()
