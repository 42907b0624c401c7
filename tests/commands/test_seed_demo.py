"""seed_demo prints passwords and keys, so it runs in a demo only."""

from pathlib import Path

import pytest
from django.test import override_settings

from tenants.models import Tenant
from tests.commands.conftest import Manage


@override_settings(DEMO=False)
def test_outside_a_demo_it_refuses_and_touches_nothing(
    manage: Manage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    before = list(Tenant.objects.values())
    said = manage("seed_demo", "--json")
    assert (said.status, said.out) == (1, "")
    assert "set DEMO=1 if this is one" in said.err
    assert list(Tenant.objects.values()) == before
    assert list(tmp_path.iterdir()) == []
