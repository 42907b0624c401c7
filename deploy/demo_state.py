"""What the demo keeps in DATA_DIR: its options, its secrets, and demo.json with the address and the sign-ins."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

SECRETS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "WEBHOOK_SECRET": lambda: secrets.token_urlsafe(48),
    "JWT_SECRET": lambda: secrets.token_urlsafe(48),
    "ENCRYPTION_KEYS": lambda: Fernet.generate_key().decode(),
}


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    simulator_port: int
    data_dir: Path
    web_workers: int
    workers: int
    worker_threads: int

    @classmethod
    def from_environment(cls) -> "Options":
        return cls(
            port=number("PORT", 8000),
            simulator_port=number("SIM_PORT", 8800),
            data_dir=Path(os.environ.get("DATA_DIR") or "var/demo").absolute(),
            web_workers=number("WEB_WORKERS", 2),
            workers=number("WORKERS", 1),
            worker_threads=number("WORKER_THREADS", 16),
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def simulator_state(self) -> Path:
        """What the simulated network has done; the demo's history is entered there, too."""
        return self.data_dir / "simulator.jsonl"


def number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        sys.exit(f"{name} is {text!r}, which is no number from 1 to 65535.")
    return int(text)


def demo_environment(options: Options, *, database_url: str, only_read: bool = False) -> dict[str, str]:
    """The settings of every process of the demo (deploy/settings.py). A value from outside wins, where that is safe.

    only_read: secrets that are missing live as long as this process, and nothing is written.
    """
    kept = options.data_dir / "secrets.json"
    defaults = (read_secrets(kept) if only_read else kept_secrets(kept)) | {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": options.url,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "STATIC_ROOT": str(options.data_dir / "static"),
    }
    never_from_outside = {
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
        "DATA_DIR": str(options.data_dir),
        "SIMULATOR_STATE": str(options.simulator_state),
        # A real network would ask real people for money.
        "MTN_BASE_URL": options.simulator_url,
        "AIRTEL_BASE_URL": options.simulator_url,
        "ZAMTEL_BASE_URL": f"{options.simulator_url}/ZampayRestProd",
        "PYTHONUNBUFFERED": "1",
    }
    unset = {name: value for name, value in defaults.items() if not is_set(name)}
    return {**os.environ, **unset, **never_from_outside}


def is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def kept_secrets(path: Path) -> dict[str, str]:
    """Made once: sessions, sealed credentials and callback URLs outlive a restart."""
    found = read_secrets(path)
    if not path.exists() or json.loads(path.read_text()) != found:
        write_private(path, found)
    return found


def read_secrets(path: Path) -> dict[str, str]:
    """Those in the file, and new ones for what it lacks."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return kept | {name: make() for name, make in SECRETS.items() if name not in kept}


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and for this account only."""
    half_written = path.with_name(f"{path.name}.new")
    half_written.unlink(missing_ok=True)
    half_written.touch(mode=0o600)
    half_written.write_text(json.dumps(content, indent=2) + "\n")
    half_written.replace(path)
