"""Fixtures for the shared part: an empty queue, merchants with committed rows, handlers to put into the table."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tenants import jobs
from tenants.models import Job
from tests.tenants import handlers
from tests.world import Merchant, temporary_merchant


@pytest.fixture(scope="module")
def pair(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Merchant, Merchant]]:
    """Two merchants whose rows are really committed, for tests that roll back, reconnect and use threads."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        yield stack.enter_context(temporary_merchant("alices")), stack.enter_context(temporary_merchant("charlies"))


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Job kinds of the tests, each served by the function of that name in tests/tenants/handlers.py."""
    handlers.ran.clear()
    for name in handlers.KINDS:
        monkeypatch.setitem(jobs.JOBS, name, f"tests.tenants.handlers.{name}")


@pytest.fixture
def queue(acme: Merchant, globex: Merchant, kinds: None) -> None:
    """Nothing waits: neither jobs nor rings."""
    Job.objects.all().delete()
    settings.HUEY.flush()


@pytest.fixture
def committed_queue(pair: tuple[Merchant, Merchant], kinds: None) -> Iterator[Merchant]:
    """The merchant of a test with several connections, and no job but those it adds."""
    committed = pair[0]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_job WHERE tenant_id = %s", [committed.tenant.pk])
        cursor.execute("UPDATE tenants_job SET parked_at = now() WHERE parked_at IS NULL")
    yield committed
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_job WHERE tenant_id = %s", [committed.tenant.pk])
        cursor.execute("UPDATE tenants_job SET parked_at = NULL")
