"""`make bench`: a real installation on a database of its own, measured and taken down again. ARGS names parts of it."""

import os
import sys
import tempfile
from collections.abc import Callable
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
        # They import models, which need the settings.
        from bench import accepting, outage, report, spread, working  # noqa: PLC0415
        from tenants.models import Job  # noqa: PLC0415
        from tenants.provisioning import migrate_all  # noqa: PLC0415

        migrate_all()
        parts: dict[str, Callable[[], list[report.Figure]]] = {
            "accepting": lambda: accepting.measure(Path(scratch)),
            "spread": spread.measure,
            "working": working.measure,
            "outage": outage.measure,
        }
        wanted = sys.argv[1:] or list(parts)
        figures: list[report.Figure] = []
        for name in wanted:
            Job.objects.all().delete()  # what one part leaves waiting is no work for the next one
            figures += parts[name]()
        sys.stdout.write(report.table(figures) + "\n")
        report.write(figures, folder / "bench.json")


if __name__ == "__main__":
    main()
