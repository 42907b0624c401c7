"""What the networks are called in sentences for people."""

NETWORKS: dict[str, str] = {"mtn": "MTN", "airtel": "Airtel", "zamtel": "Zamtel"}


def network_name(provider: str) -> str:
    """`mtn` → "MTN"; a code that nobody named stays as it is."""
    return NETWORKS.get(provider, provider)
