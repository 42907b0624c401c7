"""Reads the environment for settings.py: NAME or NAME_FILE, with refusals that say which value and why."""

import re
import sys
from collections.abc import Container, Sequence
from ipaddress import ip_address
from math import inf, isfinite
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from environs import FileAwareEnv

_env = FileAwareEnv(strip_whitespace=True)
WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
HOST = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


def refuse(sentence: str) -> NoReturn:
    """Stop the start: one sentence on standard error, exit status 1, no traceback. No value that may be a secret."""
    sys.exit(f"Ndalama does not start: {sentence}")


def verbatim(name: str, default: str = "") -> str:
    """The value with its spaces, which a password may have; that of a file is without its last line's end."""
    try:
        return str(_env.str(name, default))
    except (ValueError, OSError):
        refuse(f"{name}_FILE names no text file that can be read; correct the path, or who may read the file.")


def text(name: str, default: str = "", *, required: str = "") -> str:
    """The value without spaces around it. required: why an empty one is refused."""
    value = verbatim(name, default).strip()
    if required and not value:
        refuse(f"{name} is empty; {required}.")
    return value


def flag(name: str, default: bool, *, why: str) -> bool:
    value = WORDS.get(text(name, str(default)).lower())
    if value is None:
        refuse(f"{name} must be 1 or 0; {why}.")
    return value


def number[N: (int, float)](name: str, default: N, *, at_least: N, at_most: N | None = None, why: str) -> N:
    """A number of the default's kind: a whole one where that is whole."""
    try:
        value = type(default)(text(name, str(default)))
    except ValueError:
        value = None
    if value is None or not isfinite(value) or not at_least <= value <= (inf if at_most is None else at_most):
        kind = "a whole number" if isinstance(default, int) else "a number"
        span = f"of at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
        refuse(f"{name} must be {kind} {span}; {why}.")
    return value


def seconds(name: str, default: float, *, at_least: float = 0.1, at_most: float = 600.0, why: str) -> float:
    return number(name, default, at_least=at_least, at_most=at_most, why=why)


def choice(name: str, default: str, *, of: Sequence[str], why: str) -> str:
    """One of some words in capitals, however it is written."""
    value = text(name, default).upper()
    if value not in of:
        refuse(f"{name} must be one of {', '.join(of)}; {why}.")
    return value


def items(name: str, default: Sequence[str] = ()) -> list[str]:
    """What commas separate, without spaces around each."""
    return [item for each in text(name, ",".join(default)).split(",") if (item := each.strip())]


def secret(name: str, *, why: str, min_length: int = 32, unlike: Container[str] = ()) -> str:
    """A value without a default, long enough not to be guessed, and none of the other secrets."""
    value = text(name)
    if not value:
        refuse(f"{name} is not set; {why}.")
    if len(value) < min_length:
        refuse(f"{name} has {len(value)} characters but needs at least {min_length}; {why}.")
    if value in unlike:
        refuse(f"{name} is the same as another secret; {why}, and who learns one must not have both.")
    return value


def fernet_keys(name: str, *, why: str, unlike: Container[str]) -> list[str]:
    """The keys in a secret, newest first."""
    secret(name, why=why)
    keys = items(name)
    for key in keys or [""]:
        try:
            Fernet(key)
        except ValueError:
            refuse(f"{name} holds a value that is no Fernet key; make one with `make key`.")
        if key in unlike:
            refuse(f"{name} holds a value that is another secret too; {why}, so make it one of its own.")
    return keys


def hosts(name: str, default: str) -> list[str]:
    """What Host headers may say; a host written as in a URL."""
    found = items(name, [default])
    if "*" in found:
        refuse(f"{name} contains *; name the hosts, so that forged Host headers cannot steer links.")
    if not found or not all(HOST.fullmatch(host) for host in found):
        refuse(f"{name} must be host names separated by commas, without scheme, port and path.")
    return found


def split_url(url: str) -> SplitResult | None:
    """The parts of a URL with a scheme, or None; a port that is no number makes it none."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme and parts.port != 0 and url.isprintable() and " " not in url else None
    except ValueError:
        return None


def web_url(name: str, default: str, *, why: str, http_anywhere: bool = False, path: bool = False) -> str:
    """An https:// address without a slash at its end; http:// only on this machine, unless `http_anywhere`.

    Empty only where the default is.
    """
    url = text(name, default)
    return _checked(name, url, why=why, http_anywhere=http_anywhere, path=path) if url or default else ""


def web_origins(name: str, *, why: str) -> list[str]:
    return [_checked(name, url, why=why) for url in items(name)]


def _checked(name: str, url: str, *, why: str, http_anywhere: bool = False, path: bool = False) -> str:
    url = url.rstrip("/")
    parts = split_url(url)
    # What stands before an @ or after a ? may be a secret: such a value is not repeated.
    if set(url) & set("@?#\\") or not url.isprintable() or (parts and parts.netloc and parts.path and not path):
        form = "https://host or https://host/path" if path else "https://host, with a port at most and no path"
        refuse(f"{name} must look like {form}; {why}.")
    if not parts or not parts.hostname or not (_is_safe(parts) or (http_anywhere and parts.scheme == "http")):
        refuse(f"{name} is {url or 'empty'}; {why}.")
    return url


def _is_safe(parts: SplitResult) -> bool:
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))


def is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
