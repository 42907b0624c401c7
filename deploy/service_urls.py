"""Reads where the services are that Ndalama uses: PostgreSQL, Redis and a mail server."""

import re
from typing import Any
from urllib.parse import quote, unquote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import parse_url

from deploy.environment import number, refuse, split_url, text, verbatim

MAIL_FORM = "smtp://user:password@host:587, smtps://…:465 or console://"


def database() -> tuple[dict[str, Any], str]:
    """Django's entry and, for who asks libpq itself, the URL; from DATABASE_URL, or else DATABASE_HOST and siblings."""
    if url := text("DATABASE_URL"):
        return _from_url(url), url
    if not (host := text("DATABASE_HOST")):
        refuse("DATABASE_URL is not set; say where PostgreSQL is (or set DATABASE_HOST and its siblings).")
    return _from_pieces(host.removeprefix("[").removesuffix("]"))


def _from_url(url: str) -> dict[str, Any]:
    """As libpq reads it: Huey hands it the same URL."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", url)
    if not scheme or scheme[1] not in {"postgres", "postgresql"}:
        begins = f"begins with {scheme[0]}" if scheme else "is no URL"
        refuse(f"DATABASE_URL {begins}; only postgresql:// is supported.")
    try:
        options = dict(conninfo_to_dict(url))
    except ProgrammingError:  # its words repeat a part of the URL
        refuse("DATABASE_URL cannot be read by PostgreSQL's driver; write special characters in it as %40 for @.")
    name, ports = options.pop("dbname", ""), str(options.pop("port", ""))
    if not name:
        refuse("DATABASE_URL names no database; it must look like postgresql://user:password@host:5432/database.")
    if not all(not port or (port.isdecimal() and 1 <= int(port) <= 65535) for port in ports.split(",")):
        refuse(
            "DATABASE_URL has a port that is no number from 1 to 65535; write special characters in it as %2F for /."
        )
    return _entry(
        name=str(name),
        user=str(options.pop("user", "")),
        password=str(options.pop("password", "")),
        host=str(options.pop("host", "")),
        port=ports,
        options=options,
    )


def _from_pieces(host: str) -> tuple[dict[str, Any], str]:
    name = text("DATABASE_NAME", "ndalama", required="name the database")
    user = text("DATABASE_USER", "ndalama", required="name the database user")
    password = verbatim("DATABASE_PASSWORD")
    port = number("DATABASE_PORT", 5432, at_least=1, at_most=65535, why="it is where PostgreSQL listens")
    place = ",".join(f"{_quoted_host(each)}:{port}" for each in host.split(","))
    url = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{place}/{quote(name, safe='')}"
    return _entry(name=name, user=user, password=password, host=host, port=str(port), options={}), url


def _quoted_host(host: str) -> str:
    """A name, an IPv6 address, or the folder of a socket, as a URL has it."""
    return f"[{quote(host, safe=':')}]" if ":" in host else quote(host, safe="")


def _entry(*, name: str, user: str, password: str, host: str, port: str, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "OPTIONS": options,
    }


def redis_url() -> str:
    """REDIS_URL, or "" where PostgreSQL carries queue and cache."""
    url = text("REDIS_URL")
    if not url:
        return ""
    parts = split_url(url)
    try:
        place = parse_url(url)
    except ValueError:
        place = {}
    has_number = not parts or parts.scheme == "unix" or re.fullmatch(r"(/\d*)?", parts.path)
    if not parts or not (place.get("host") or place.get("path")) or not has_number:
        refuse(
            "REDIS_URL must look like redis://host:6379/0, rediss://… or unix://…; leave it out to do without Redis."
        )
    return url


def mailer(url: str) -> dict[str, object]:
    """The MAILERS entry for EMAIL_URL: console://, smtp://user:password@host:port or smtps:// (implicit TLS)."""
    parts = split_url(url)
    if parts and parts.scheme == "console":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    # A path, query or fragment is a password with a character that should have been quoted.
    is_plain = parts and parts.path in {"", "/"} and not parts.query and not parts.fragment
    if not parts or not is_plain or parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        refuse(f"EMAIL_URL must look like {MAIL_FORM}; special characters in a password are written as %2F for /.")
    implicit_tls = parts.scheme == "smtps"
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if implicit_tls else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": implicit_tls,
            "use_tls": not implicit_tls,
            "timeout": 10,
        },
    }
