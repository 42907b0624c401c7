"""What the demo keeps and refuses before it starts anything."""

import json
import os
import socket
from pathlib import Path

import pytest

from deploy.demo import DemoError, take_place
from deploy.demo_preparation import Preparation, fingerprint
from deploy.demo_state import Options, demo_environment, kept_secrets, write_private
from deploy.locks import try_lock


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        port=free_port(), simulator_port=free_port(), data_dir=tmp_path, web_workers=2, workers=1, worker_threads=8
    )


def test_secrets_are_made_once_and_for_this_account_only(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path / "secrets.json")
    assert kept_secrets(tmp_path / "secrets.json") == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == 4


def test_a_secret_of_a_newer_version_is_added_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"SECRET_KEY": "kept"}')
    assert kept_secrets(tmp_path / "secrets.json")["SECRET_KEY"] == "kept"
    assert "ENCRYPTION_KEYS" in json.loads((tmp_path / "secrets.json").read_text())


def test_a_value_from_outside_wins(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "mine")
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    monkeypatch.setenv("WEBHOOK_SECRET_FILE", "/run/secrets/webhook")
    environment = demo_environment(options, database_url="postgresql://here/db")
    assert environment["SECRET_KEY"] == "mine"
    assert "WEBHOOK_SECRET" not in environment


def test_the_demo_never_talks_to_a_real_network(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTN_BASE_URL", "https://real.example")
    environment = demo_environment(options, database_url="postgresql://here/db")
    assert environment["MTN_BASE_URL"] == options.simulator_url


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_words(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit, match="PORT is"):
        Options.from_environment()


@pytest.mark.parametrize(("name", "field"), [("PORT", "port"), ("SIM_PORT", "simulator_port")])
def test_a_port_in_use_is_named_with_its_setting(options: Options, name: str, field: str) -> None:
    with (
        socket.create_server(("127.0.0.1", getattr(options, field))),
        pytest.raises(DemoError, match=f"choose another one with {name}="),
    ):
        take_place(options)


def test_a_second_demo_on_the_same_folder_is_refused_and_changes_nothing(options: Options) -> None:
    write_private(options.data_dir / "demo.json", {"url": options.url})
    held = try_lock(options.data_dir / "lock")
    assert held is not None
    with pytest.raises(DemoError, match="already runs"):
        take_place(options)
    os.close(held)
    assert (options.data_dir / "demo.json").exists()


def test_the_demo_file_of_a_killed_demo_is_taken_away(options: Options) -> None:
    write_private(options.data_dir / "demo.json", {"url": options.url})
    take_place(options)
    assert not (options.data_dir / "demo.json").exists()


def test_preparation_is_skipped_only_for_the_same_code(tmp_path: Path) -> None:
    code, record = tmp_path / "payments" / "money.py", tmp_path / "prepared.json"
    code.parent.mkdir()
    code.write_text("one")
    write_private(record, {"fingerprint": fingerprint(tmp_path), "people": {"admin": {}}})
    assert Preparation(tmp_path, record=record, static_root=tmp_path).people_if_current() == {"admin": {}}
    assert Preparation(tmp_path, record=None, static_root=tmp_path).people_if_current() is None
    code.write_text("another")
    assert Preparation(tmp_path, record=record, static_root=tmp_path).people_if_current() is None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
