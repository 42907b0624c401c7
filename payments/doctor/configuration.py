"""Settings that are allowed and still may not be what was meant; what is unsafe has stopped the start already."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from payments.doctor.finding import Finding, ok, warn
from providers.registry import PROVIDERS


def check() -> Iterator[Finding]:
    yield check_public_url(settings.PUBLIC_URL)
    yield check_hosts(settings.PUBLIC_URL, settings.ALLOWED_HOSTS)
    yield from (check_provider_url(name, settings.PROVIDER_BASE_URLS[name]) for name in sorted(PROVIDERS))
    yield check_demo(is_demo=settings.DEMO)


def check_public_url(url: str) -> Finding:
    host = urlsplit(url).hostname or ""
    if _is_internal(host):
        return warn(
            "public_url",
            f"PUBLIC_URL is {url}, which no provider can reach: callbacks will not come, only polls.",
            do="Set PUBLIC_URL to the https:// address that the internet sees.",
        )
    # That http:// is refused for public hosts is the start's business (deploy/settings.py).
    return ok("public_url", f"Providers call back at {url}.")


def check_hosts(url: str, allowed: Sequence[str | None]) -> Finding:
    host = urlsplit(url).hostname or ""
    if not validate_host(host, [each for each in allowed if each]):
        return warn(
            "allowed_hosts",
            f"ALLOWED_HOSTS lacks {host}, the host of PUBLIC_URL: its requests are answered 400.",
            do=f"Add {host} to ALLOWED_HOSTS, or leave ALLOWED_HOSTS out.",
        )
    return ok("allowed_hosts", f"Requests to {', '.join(map(str, allowed))} are answered.")


def check_provider_url(provider: str, url: str) -> Finding:
    name = f"{provider}_base_url"
    if not url.startswith("https://") and not settings.DEMO:
        return warn(
            name,
            f"{name.upper()} is {url or 'empty'}: credentials would travel in clear.",
            do=f"Set {name.upper()} to the provider's https:// address, or leave it out.",
        )
    return ok(name, f"New {provider} accounts are used at {url}.")


def check_demo(*, is_demo: bool) -> Finding:
    if is_demo:
        return warn("demo", "DEMO is set: live mode talks to the simulator.", do="Leave DEMO out where money is real.")
    return ok("demo", "This is no demo: live mode moves money.")


def _is_internal(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".test"))
