"""The two tables of upward calls lead where they say: every job kind to a handler, every provider to an adapter."""

import inspect
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from providers.base import Provider
from providers.registry import PROVIDERS, get_provider
from tenants.jobs import JOBS
from tenants.models import Job
from tests.architecture.sources import ROOT


@pytest.mark.parametrize("kind", JOBS)
def test_every_job_kind_has_a_handler_that_takes_a_claim(kind: str) -> None:
    handler = import_string(JOBS[kind])
    assert len(inspect.signature(handler).parameters) == 1
    assert JOBS[kind].startswith("payments.")


def test_every_job_kind_fits_its_column() -> None:
    assert max(map(len, JOBS)) <= (Job._meta.get_field("kind").max_length or 0)


@pytest.mark.parametrize("code", PROVIDERS)
def test_every_provider_has_an_adapter_that_says_who_it_is(code: str) -> None:
    provider = get_provider(code)
    assert provider.name == code
    promised = set(inspect.get_annotations(Provider)) | {
        name for name, member in vars(Provider).items() if inspect.isfunction(member) and not name.startswith("_")
    }
    assert [name for name in promised if not hasattr(provider, name)] == []


@pytest.mark.parametrize("code", PROVIDERS)
def test_every_provider_is_a_folder_with_settings_of_its_own(code: str) -> None:
    folder = Path(ROOT, "providers", code)
    assert {"adapter.py", "wire.py"} <= {file.name for file in folder.iterdir()}
    assert code in settings.PROVIDER_TIMEOUTS
    assert settings.PROVIDER_BASE_URLS[code].startswith("https://")
