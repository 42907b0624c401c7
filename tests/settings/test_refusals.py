"""A missing or unsafe value stops the start with one sentence that says which and why: no traceback, no secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT
from tests.settings.conftest import GOOD, Start

FERNET = GOOD["ENCRYPTION_KEYS"]
PIECES: dict[str, str | None] = {"DATABASE_URL": None, "DATABASE_HOST": "db"}
REFUSED: list[tuple[dict[str, str | None], str]] = [
    ({"SECRET_KEY": None}, "SECRET_KEY is not set; it signs"),
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set; it signs"),
    ({"SECRET_KEY": "hunter2hunter2"}, "SECRET_KEY has 14 characters but needs at least 32; it signs"),
    ({"WEBHOOK_SECRET": None}, "WEBHOOK_SECRET is not set; it signs the callback URLs"),
    ({"WEBHOOK_SECRET": "hunter2hunter2"}, "WEBHOOK_SECRET has 14 characters but needs at least 32; it signs"),
    ({"ENCRYPTION_KEYS": None}, "ENCRYPTION_KEYS is not set; they seal"),
    ({"ENCRYPTION_KEYS": "hunter2" * 10}, "ENCRYPTION_KEYS holds a value that is no Fernet key; make one with"),
    ({"ENCRYPTION_KEYS": f"{FERNET},hunter2"}, "ENCRYPTION_KEYS holds a value that is no Fernet key; make one with"),
    ({"DATABASE_URL": None}, "DATABASE_URL is not set; say where PostgreSQL is"),
    ({"DATABASE_URL": None, "DATABASE_NAME": "pay"}, "DATABASE_URL is not set; say where PostgreSQL is"),
    ({"DATABASE_URL": "mysql://u:hunter2@db/pay"}, "DATABASE_URL begins with mysql://; only postgresql:// is"),
    ({"DATABASE_URL": "sqlite:///pay.db"}, "DATABASE_URL begins with sqlite://; only postgresql:// is"),
    ({"PUBLIC_URL": "http://pay.example.zm"}, "PUBLIC_URL is http://pay.example.zm; sign-in cookies and API keys"),
    ({"PUBLIC_URL": "http://127.0.0.1.example.zm"}, "PUBLIC_URL is http://127.0.0.1.example.zm; sign-in cookies"),
    ({"PUBLIC_URL": "pay.example.zm"}, "PUBLIC_URL is pay.example.zm; sign-in cookies"),
    ({"PUBLIC_URL": "http://10.0.0.7", "DEMO": "1"}, "PUBLIC_URL is http://10.0.0.7; sign-in cookies"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains *; name the hosts"),
    ({"ALLOWED_HOSTS": "pay.example.zm,*"}, "ALLOWED_HOSTS contains *; name the hosts"),
    ({"EMAIL_URL": "mail.example.zm"}, "EMAIL_URL must look like smtp://"),
    ({"EMAIL_URL": "smtp://mail:hunter2"}, "EMAIL_URL must look like smtp://"),
    ({"EMAIL_URL": "smtp://u:1#hunter2@mail.zm"}, "EMAIL_URL must look like smtp://"),
    ({"EMAIL_FROM": ""}, "EMAIL_FROM is empty; name who sends"),
    ({"SECRET_KEY": " " * 40}, "SECRET_KEY is not set; it signs"),
    ({"SECRET_KEY": None, "SECRET_KEY_FILE": "/nonexistent"}, "SECRET_KEY_FILE names no text file that can be read"),
    ({"SECRET_KEY": None, "SECRET_KEY_FILE": "/dev/null/x"}, "SECRET_KEY_FILE names no text file that can be read"),
    ({"WEBHOOK_SECRET": GOOD["SECRET_KEY"]}, "WEBHOOK_SECRET is the same as another secret; it signs"),
    ({"ENCRYPTION_KEYS": FERNET, "SECRET_KEY": FERNET}, "ENCRYPTION_KEYS holds a value that is another secret too"),
    ({"ENCRYPTION_KEYS": "," * 40}, "ENCRYPTION_KEYS holds a value that is no Fernet key; make one with"),
    ({"DEMO": "maybe"}, "DEMO must be 1 or 0; it says"),
    ({"SSL_REDIRECT": "hunter2"}, "SSL_REDIRECT must be 1 or 0; it sends"),
    ({"THROTTLE_LIMIT": "abc"}, "THROTTLE_LIMIT must be a whole number of at least 1; so many requests"),
    ({"THROTTLE_LIMIT": ""}, "THROTTLE_LIMIT must be a whole number of at least 1; so many requests"),
    ({"THROTTLE_LIMIT": "-5"}, "THROTTLE_LIMIT must be a whole number of at least 1; so many requests"),
    ({"THROTTLE_TTL": "1.5"}, "THROTTLE_TTL must be a whole number from 1 to 86400; so many seconds"),
    ({"WORKER_THREADS": "0"}, "WORKER_THREADS must be a whole number from 1 to 1000; so many jobs"),
    ({"RETRY_MAX_ATTEMPTS": "0"}, "RETRY_MAX_ATTEMPTS must be a whole number from 1 to 100; so often"),
    ({"TRUSTED_PROXIES": "x"}, "TRUSTED_PROXIES must be a whole number from 0 to 10; so many hops"),
    ({"PROVIDER_TIMEOUT": "hunter2"}, "PROVIDER_TIMEOUT must be a number from 0.1 to 600.0; so long"),
    ({"PROVIDER_TIMEOUT": "0"}, "PROVIDER_TIMEOUT must be a number from 0.1 to 600.0; so long"),
    ({"PROVIDER_TIMEOUT": "nan"}, "PROVIDER_TIMEOUT must be a number from 0.1 to 600.0; so long"),
    ({"MTN_TIMEOUT": "-3"}, "MTN_TIMEOUT must be a number from 0.1 to 600.0; so long one call to mtn"),
    ({"TOKEN_TIMEOUT": "inf"}, "TOKEN_TIMEOUT must be a number from 0.1 to 600.0; so long"),
    ({"SETTLE_SECONDS": "-1"}, "SETTLE_SECONDS must be a number from 0.0 to 86400.0; so long"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL; it says"),
    ({"REDIS_URL": "hunter2"}, "REDIS_URL must look like redis://"),
    ({"REDIS_URL": "redis://:hunter2@redis:abc/0"}, "REDIS_URL must look like redis://"),
    ({"REDIS_URL": "redis://redis/jobs"}, "REDIS_URL must look like redis://"),
    ({"DATABASE_URL": "postgresql://"}, "DATABASE_URL names no database; it must look like"),
    ({"DATABASE_URL": "hunter2"}, "DATABASE_URL is no URL; only postgresql:// is"),
    ({"DATABASE_URL": "postgresql://u:hunter2@db:abc/pay"}, "DATABASE_URL has a port that is no number"),
    ({"DATABASE_URL": "postgresql://u:%zzhunter2@db/pay"}, "DATABASE_URL cannot be read by PostgreSQL's driver"),
    ({"DATABASE_URL": "postgresql://db/pay?hunter2=1"}, "DATABASE_URL cannot be read by PostgreSQL's driver"),
    ({**PIECES, "DATABASE_PORT": "abc"}, "DATABASE_PORT must be a whole number from 1 to 65535; it is"),
    ({**PIECES, "DATABASE_NAME": " "}, "DATABASE_NAME is empty; name the database"),
    ({"PUBLIC_URL": ""}, "PUBLIC_URL is empty; sign-in cookies"),
    ({"PUBLIC_URL": "ftp://localhost"}, "PUBLIC_URL is ftp://localhost; sign-in cookies"),
    ({"PUBLIC_URL": "https://pay.example.zm:abc"}, "PUBLIC_URL is https://pay.example.zm:abc; sign-in cookies"),
    ({"PUBLIC_URL": "https://pay.example.zm/pay"}, "PUBLIC_URL must look like https://host, with a port at most"),
    ({"PUBLIC_URL": "https://pay.example.zm?hunter2"}, "PUBLIC_URL must look like https://host, with a port at most"),
    ({"PUBLIC_URL": "https://u:hunter2@pay.zm"}, "PUBLIC_URL must look like https://host, with a port at most"),
    ({"PUBLIC_URL": "https://pay.zm\nhunter2"}, "PUBLIC_URL must look like https://host, with a port at most"),
    ({"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS must be host names separated by commas"),
    ({"ALLOWED_HOSTS": "https://pay.example.zm"}, "ALLOWED_HOSTS must be host names separated by commas"),
    ({"CORS_ALLOWED_ORIGINS": "https://a.zm,*"}, "CORS_ALLOWED_ORIGINS is *; API keys must only travel"),
    ({"MTN_BASE_URL": "nonsense"}, "MTN_BASE_URL is nonsense; a provider's credentials"),
    ({"MTN_BASE_URL": ""}, "MTN_BASE_URL is empty; a provider's credentials"),
    ({"MTN_BASE_URL": "http://mtn.example"}, "MTN_BASE_URL is http://mtn.example; a provider's credentials"),
    ({"MTN_BASE_URL": "ftp://mtn.example", "DEMO": "1"}, "MTN_BASE_URL is ftp://mtn.example; a provider's"),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED, ids=str)
def test_it_does_not_start_and_says_which_and_why(start: Start, changes: dict[str, str | None], sentence: str) -> None:
    ended = start(**changes)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(f"Ndalama does not start: {sentence}")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith(".\n")
    assert "hunter2" not in ended.err


def test_with_everything_in_place_it_starts_without_a_word(start: Start) -> None:
    ended = start()
    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_the_example_starts_once_its_secrets_are_filled_in(start: Start) -> None:
    lines = (ROOT / "deploy" / "env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    empty = {name for name, value in example.items() if not value}
    assert empty == {"SECRET_KEY", "WEBHOOK_SECRET", "ENCRYPTION_KEYS"}
    assert start(**example).status == 1
    assert start(**{**example, **{name: GOOD[name] for name in empty}}).status == 0


def test_no_switch_turns_debugging_on(settings_with) -> None:
    assert settings_with("DEBUG", DEBUG="1", DJANGO_DEBUG="1") == {"DEBUG": False}


@pytest.mark.parametrize("arguments", [["-c", "import deploy.settings"], ["manage.py", "check"]])
def test_a_real_process_ends_with_status_1_and_the_sentence(arguments: list[str], tmp_path: Path) -> None:
    # With one secret of its own this is a real installation (deploy/local.py).
    given = {name: GOOD[name] for name in ("DATABASE_URL", "WEBHOOK_SECRET")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Ndalama does not start: SECRET_KEY is not set; it signs sessions and forms.\n"
