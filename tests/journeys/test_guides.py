"""Every guide's commands, pasted from its page into a fresh shell from top to bottom, against the real processes."""

import html
import os
import re
import subprocess

import pytest
import requests

from api.docs.guides import GUIDES
from tests.processes import Installation, eventually, installation

PAGES = ["", *(f"guides/{guide.slug}" for guide in GUIDES)]
# An unset variable, an answer that is no success and a broken pipe end the shell.
STRICT = 'set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body --max-time 20 "$@"; }\n'
REFUSED = 22  # curl's status for an answer of 400 or more


def commands_of(page: str, site: Installation) -> list[str]:
    text = requests.get(f"{site.url}/docs/{page}", timeout=10).text
    blocks = [html.unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code>", text, re.DOTALL)]
    return [block for block in blocks if not block.startswith(("{", "export "))]


def paste(page: str, site: Installation, key: str) -> subprocess.CompletedProcess[str]:
    script = STRICT + "\n".join(f"{command}\necho" for command in commands_of(page, site))
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        ["/bin/bash", "-c", script],
        env={**kept, "NDALAMA_KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.mark.processes
def test_every_guide_runs_from_top_to_bottom(committed, mtn):
    with installation(
        "web", "worker", "scheduler", MTN_BASE_URL=committed.simulator_url, CIRCUIT_PROBE_SECONDS="1"
    ) as site:
        eventually(site.is_ready, within_seconds=60)
        said = {page: paste(page, site, committed.test_key) for page in PAGES}
        answers = {page.rpartition("/")[2]: done.stdout for page, done in said.items()}
        expected = {page: REFUSED if page == "guides/errors" else 0 for page in PAGES}
        assert {page: done.returncode for page, done in said.items()} == expected, said
    assert answers["refunds"].count('"object":"refund"') >= 3
    assert '"code":"validation_failed"' in answers["errors"]
    assert '"type":"provider.down"' in answers["outages"]
    assert '"status":"canceled"' in answers["outages"]
    assert not mtn.truth()["doubles"]
