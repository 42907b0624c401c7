"""`manage.py simulator` runs a network in the foreground until it is told to stop."""

import json
import signal
import subprocess
import sys

import requests

from tests.processes import ROOT


def test_it_says_where_it_listens_answers_there_and_ends_well_when_told_to():
    command = [sys.executable, "manage.py", "simulator", "--json", "--port", "0", "--seed", "7"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["url"]
        assert requests.get(f"{address}/_control/health", timeout=5).json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def test_an_argument_it_does_not_know_is_a_usage_error():
    command = [sys.executable, "manage.py", "simulator", "--prot", "0"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 2
