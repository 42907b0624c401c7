"""Examines this installation and says, for everything that is not well, what to do."""

import json
from typing import Any

from payments.doctor.examination import examine
from payments.doctor.finding import Finding, Level
from tenants.management.json_command import JsonCommand, refuse


class Command(JsonCommand):
    help = "Check configuration, database, migrations, queue, clock, credentials and audit; exit 1 if any check fails."
    # Django's own checks would stop at an unreachable database with a traceback, before we can say what is wrong.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(self._examine(quietly=options["json"]))
        failed = [finding.name for finding in findings if finding.level == Level.FAIL]
        if options["json"]:
            found = [finding.as_dict() for finding in findings]
            self.stdout.write(json.dumps({"ok": not failed, "failed": failed, "findings": found}))
        if failed:
            raise refuse(f"{len(failed)} of {len(findings)} checks failed: {', '.join(failed)}.")

    def _examine(self, *, quietly: bool) -> Any:
        for finding in examine():
            if not quietly:
                self._print(finding)
            yield finding

    def _print(self, finding: Finding) -> None:
        mark = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        self.stdout.write(f"{mark[finding.level](f'{finding.level:<5}')} {finding.name:<16} {finding.sentence}")
        if finding.what_to_do:
            self.stdout.write(f"{'':<23}{finding.what_to_do}")
