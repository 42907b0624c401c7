"""Values that a table or a provider would refuse are refused by the commands, in words."""

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import connections


@pytest.mark.parametrize(
    "change",
    [
        ("--slug", "a" * 41),
        ("--name", "x" * 121),
        ("--country", "ZMB"),
        ("--owner-email", f"{'x' * 60}@{'y' * 190}.test"),
    ],
)
def test_a_value_that_is_too_long_is_refused_in_words(acme, capsys, monkeypatch, change):
    monkeypatch.setattr(connections, "close_all", lambda: None)
    values = {"--slug": "hooli", "--name": "H", "--owner-email": "g@hooli.test"} | dict([change])
    words = [word for pair in values.items() for word in pair]
    with pytest.raises(SystemExit):
        load_command_class(get_commands()["create_merchant"], "create_merchant").run_from_argv(
            ["manage.py", "create_merchant", *words]
        )


@pytest.mark.parametrize("url", ["nonsense", "ftp://mtn", "https://mtn.example/" + "x" * 200])
def test_a_base_url_that_is_none_is_refused(acme, url):
    pairs = [f"{n}=v" for n in ("subscription_key", "api_user", "api_key", "target_environment")]
    with pytest.raises(CommandError):
        call_command("connect_provider", merchant="acme", mode="live", provider="mtn", base_url=url, credentials=pairs)


def test_a_name_the_provider_does_not_know_is_refused(acme):
    pairs = [f"{n}=v" for n in ("subscription_key", "api_user", "api_key", "target_environment", "target_enviroment")]
    with pytest.raises(CommandError):
        call_command("connect_provider", merchant="acme", mode="live", provider="mtn", credentials=pairs)
