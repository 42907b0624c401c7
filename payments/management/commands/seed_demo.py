"""Fills an empty installation with the demo's merchants, and remembers their sign-ins beside the data."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from payments.demo.merchants import MERCHANTS, seed_admin, seed_merchant
from payments.demo.network import Network
from tenants.management.json_command import JsonCommand
from tenants.models import Tenant


class Command(JsonCommand):
    help = "Make the demo's merchants, or say again how to sign in to them. Only runs with DEMO=1."

    def run(self, **options: Any) -> dict[str, Any]:
        if not settings.DEMO:
            raise CommandError("Sign-ins with printed passwords are for a demo; set DEMO=1 if this is one.")
        path = Path(os.environ.get("DATA_DIR", "var/demo")) / "credentials.json"
        slugs = {demo.slug for demo in MERCHANTS}
        is_complete = Tenant.objects.filter(slug__in=slugs).count() == len(slugs)
        if is_complete and path.exists():
            return dict(json.loads(path.read_text()))
        journal = os.environ.get("SIMULATOR_STATE")
        with closing(Network(Path(journal) if journal else None)) as network:
            credentials = {"admin": seed_admin(), "merchants": [seed_merchant(demo, network) for demo in MERCHANTS]}
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(credentials, file)
        return credentials
