"""What the environment says arrives in the settings: from files, in pieces, and with what https demands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.settings.conftest import GOOD

Read = Callable[..., dict[str, Any]]


class TestFiles:
    @pytest.mark.parametrize("name", ["SECRET_KEY", "WEBHOOK_SECRET", "DATABASE_URL"])
    def test_a_value_can_come_from_a_file(self, settings_with: Read, tmp_path: Path, name: str) -> None:
        (tmp_path / "value").write_text(f"{GOOD[name]}\n")
        found = settings_with(name, **{name: None, f"{name}_FILE": str(tmp_path / "value")})
        assert found == {name: GOOD[name]}

    def test_keys_can_come_from_a_file_newest_first(self, settings_with: Read, tmp_path: Path) -> None:
        keys = ["bmV3ZXN0bmV3ZXN0bmV3ZXN0bmV3ZXN0bmV3ZXN0MDE=", GOOD["ENCRYPTION_KEYS"]]
        (tmp_path / "keys").write_text(",".join(keys) + "\n")
        found = settings_with("ENCRYPTION_KEYS", ENCRYPTION_KEYS=None, ENCRYPTION_KEYS_FILE=str(tmp_path / "keys"))
        assert found["ENCRYPTION_KEYS"] == keys

    def test_a_short_secret_in_a_file_is_refused_like_any_other(self, start, tmp_path: Path) -> None:
        (tmp_path / "value").write_text("hunter2\n" + " " * 40)
        ended = start(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "value"))
        assert ended.err.startswith("Ndalama does not start: SECRET_KEY has 7 characters")


class TestDatabase:
    def test_a_url_is_taken_apart(self, settings_with: Read) -> None:
        database = settings_with("DATABASES")["DATABASES"]["default"]
        found = [database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
        assert found == ["ndalama", "hunter2", "db.example.zm", "5433", "pay"]

    def test_options_in_a_url_reach_the_driver(self, settings_with: Read) -> None:
        url = GOOD["DATABASE_URL"] + "?sslmode=verify-full&host=/run/postgresql"
        database = settings_with("DATABASES", DATABASE_URL=url)["DATABASES"]["default"]
        assert database["OPTIONS"]["sslmode"] == "verify-full"
        assert database["HOST"] == "/run/postgresql"

    @pytest.mark.parametrize("password", ["plain", "p@ss:w?rd#1%2 &=+", "a/b@c:d?e#f", "%41", "ünïcode"])
    def test_pieces_make_a_url_whatever_the_password(self, settings_with: Read, password: str) -> None:
        pieces = {"HOST": "db.example.zm", "PORT": "6432", "NAME": "pay", "USER": "n@me", "PASSWORD": password}
        changes = {f"DATABASE_{name}": value for name, value in pieces.items()}
        found = settings_with("DATABASES", "DATABASE_URL", DATABASE_URL=None, **changes)
        database = found["DATABASES"]["default"]
        assert {name: database[name] for name in pieces} == pieces
        # Huey takes the same URL its own way, through libpq.
        parsed = conninfo_to_dict(found["DATABASE_URL"])
        assert (parsed["password"], parsed["user"], parsed["dbname"]) == (password, "n@me", "pay")

    @pytest.mark.parametrize("host", ["db", "fd00::7", "/run/PostgreSQL", "db1,db2"])
    @pytest.mark.parametrize("name", ["pay", "a?b", "a/b"])
    def test_a_host_may_be_a_name_an_address_or_a_socket(self, settings_with: Read, host: str, name: str) -> None:
        pieces = {"DATABASE_URL": None, "DATABASE_HOST": host, "DATABASE_NAME": name, "DATABASE_PASSWORD": "x"}
        found = settings_with("DATABASES", "DATABASE_URL", **pieces)
        database, parsed = found["DATABASES"]["default"], conninfo_to_dict(found["DATABASE_URL"])
        assert (database["HOST"], database["NAME"]) == (parsed["host"], parsed["dbname"]) == (host, name)

    def test_an_address_in_brackets_is_the_same_address(self, settings_with: Read) -> None:
        found = settings_with("DATABASES", DATABASE_URL=None, DATABASE_HOST="[fd00::7]")
        assert found["DATABASES"]["default"]["HOST"] == "fd00::7"

    def test_a_url_means_the_same_to_django_as_to_libpq(self, settings_with: Read) -> None:
        url = "postgresql://n%40me:a+b@%2Frun%2FPostgreSQL:6432/a%3Fb"
        database = settings_with("DATABASES", DATABASE_URL=url)["DATABASES"]["default"]
        found = [database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
        assert found == ["n@me", "a+b", "/run/PostgreSQL", "6432", "a?b"]

    def test_a_password_can_come_from_a_file(self, settings_with: Read, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("s3cret\n")
        found = settings_with(
            "DATABASE_URL", DATABASE_URL=None, DATABASE_HOST="db", DATABASE_PASSWORD_FILE=str(tmp_path / "password")
        )
        assert found["DATABASE_URL"] == "postgresql://ndalama:s3cret@db:5432/ndalama"

    def test_a_url_wins_over_pieces(self, settings_with: Read) -> None:
        assert settings_with("DATABASE_URL", DATABASE_HOST="other")["DATABASE_URL"] == GOOD["DATABASE_URL"]

    def test_waiting_for_locks_and_forgotten_transactions_end(self, settings_with: Read) -> None:
        options = settings_with("DATABASES")["DATABASES"]["default"]["OPTIONS"]["options"]
        assert "lock_timeout=4000" in options
        assert "idle_in_transaction_session_timeout" in options


class TestHttps:
    SECURE = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_INCLUDE_SUBDOMAINS")

    def test_https_brings_secure_cookies_hsts_and_a_redirect(self, settings_with: Read) -> None:
        assert set(settings_with(*self.SECURE).values()) == {True}
        assert settings_with("SECURE_HSTS_SECONDS")["SECURE_HSTS_SECONDS"] >= 31_536_000

    def test_cookies_are_bound_to_the_host(self, settings_with: Read) -> None:
        names = settings_with("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
        assert all(name.startswith("__Host-") for name in names.values())

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
    def test_on_this_machine_alone_http_is_allowed(self, settings_with: Read, url: str) -> None:
        assert set(settings_with(*self.SECURE, PUBLIC_URL=url).values()) == {False}

    def test_cookies_are_out_of_reach_of_scripts_and_other_sites(self, settings_with: Read) -> None:
        names = ("SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "X_FRAME_OPTIONS")
        assert list(settings_with(*names).values()) == [True, True, "Lax", "DENY"]

    def test_the_policy_allows_nothing_inline_and_nobody_else(self, settings_with: Read) -> None:
        policy = settings_with("CONTENT_SECURITY_POLICY")["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
        assert policy["default-src"] == ["'none'"]
        allowed = {source for sources in policy.values() for source in sources}
        assert allowed == {"'none'", "'self'", "data:"}

    def test_forwarded_headers_are_believed_from_proxies_only(self, settings_with: Read) -> None:
        assert settings_with("TRUSTED_PROXIES") == {"TRUSTED_PROXIES": 0}
        found = settings_with("SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="1")
        assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


class TestProduct:
    def test_hosts_are_the_public_one_unless_named(self, settings_with: Read) -> None:
        assert settings_with("ALLOWED_HOSTS")["ALLOWED_HOSTS"] == ["pay.example.zm"]
        assert settings_with("ALLOWED_HOSTS", ALLOWED_HOSTS="a.zm,b.zm")["ALLOWED_HOSTS"] == ["a.zm", "b.zm"]

    def test_spaces_after_commas_are_none_of_the_hosts(self, settings_with: Read) -> None:
        assert settings_with("ALLOWED_HOSTS", ALLOWED_HOSTS="a.zm, [::1] ,")["ALLOWED_HOSTS"] == ["a.zm", "[::1]"]

    def test_the_default_host_is_written_as_browsers_send_it(self, settings_with: Read) -> None:
        assert settings_with("ALLOWED_HOSTS", PUBLIC_URL="http://[::1]:8000")["ALLOWED_HOSTS"] == ["[::1]"]

    @pytest.mark.parametrize(
        ("url", "demo"), [("http://127.0.0.1:8800", "0"), ("http://simulator:8800", "1"), ("https://mtn.zm/v2", "0")]
    )
    def test_a_simulator_may_be_reached_over_http(self, settings_with: Read, url: str, demo: str) -> None:
        found = settings_with("PROVIDER_BASE_URLS", MTN_BASE_URL=f"{url}/", DEMO=demo)
        assert found["PROVIDER_BASE_URLS"]["mtn"] == url

    @pytest.mark.parametrize(
        ("word", "meant"), [("1", True), ("True", True), ("on", True), ("0", False), ("no", False)]
    )
    def test_a_flag_may_be_written_as_people_do(self, settings_with: Read, word: str, meant: bool) -> None:
        assert settings_with("DEMO", DEMO=word) == {"DEMO": meant}

    def test_a_slash_at_the_end_of_the_public_address_does_not_double(self, settings_with: Read) -> None:
        assert settings_with("PUBLIC_URL", PUBLIC_URL="https://pay.example.zm/")["PUBLIC_URL"] == GOOD["PUBLIC_URL"]

    def test_one_providers_timeout_overrides_the_general_one(self, settings_with: Read) -> None:
        found = settings_with("PROVIDER_TIMEOUTS", PROVIDER_TIMEOUT="12", MTN_TIMEOUT="40")["PROVIDER_TIMEOUTS"]
        assert found == {"mtn": 40.0, "airtel": 12.0, "zamtel": 120.0}  # Zamtel answers when its customer has

    def test_redis_carries_rings_and_cache_when_it_is_named(self, settings_with: Read) -> None:
        without = settings_with("HUEY", "CACHES")
        assert without["HUEY"] == "PostgresHuey"
        assert "db.DatabaseCache" in without["CACHES"]["default"]["BACKEND"]
        with_redis = settings_with("HUEY", "CACHES", REDIS_URL="redis://127.0.0.1:1/0")
        assert with_redis["HUEY"] == "PriorityRedisHuey"
        assert "redis.RedisCache" in with_redis["CACHES"]["default"]["BACKEND"]

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp://u%40x:p%2Fw@mail.zm:25", {"port": 25, "use_tls": True, "use_ssl": False}),
            ("smtps://u%40x:p%2Fw@mail.zm", {"port": 465, "use_tls": False, "use_ssl": True}),
        ],
    )
    def test_mail_is_sent_over_tls(self, settings_with: Read, url: str, expected: dict[str, Any]) -> None:
        options = settings_with("MAILERS", EMAIL_URL=url)["MAILERS"]["default"]["OPTIONS"]
        assert (options["username"], options["password"], options["host"]) == ("u@x", "p/w", "mail.zm")
        assert {name: options[name] for name in expected} == expected

    def test_it_is_no_demo_unless_told(self, settings_with: Read) -> None:
        assert settings_with("DEMO") == {"DEMO": False}
