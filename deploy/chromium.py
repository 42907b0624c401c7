"""Finds a Chromium for the browser tests, or gets one: from Playwright or from the system's packages."""

# ruff: noqa: S603 (the commands are ours)
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Kept in the checkout instead of the home folder, where Playwright would put it.
PLAYWRIGHT_BROWSERS = Path(__file__).resolve().parent.parent / "var" / "browsers"
APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")


class NoChromiumError(Exception):
    """There is none and none could be had; the message says what to do."""


def find_chromium() -> str:
    """The path of a Chromium that runs. CHROMIUM names one; it is then that one or none."""
    named = os.environ.get("CHROMIUM")
    if named:
        if path := runnable(named):
            return path
        raise NoChromiumError(f"CHROMIUM is {named}, which does not run.")
    for attempt in (installed, downloaded, from_playwright, from_system):
        if path := attempt():
            return path
    raise NoChromiumError(
        "The browser tests need a Chromium: none is installed, `playwright install chromium` did not bring one that"
        " runs, and apt-get did not either. Install one, or name yours with CHROMIUM=/path/to/it."
    )


def installed() -> str | None:
    return next((path for name in NAMES if (path := runnable(name))), None)


def downloaded() -> str | None:
    found = sorted(PLAYWRIGHT_BROWSERS.glob("chromium-*/chrome-*/chrome"))
    return runnable(str(found[-1])) if found else None


def from_playwright() -> str | None:
    environment = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(PLAYWRIGHT_BROWSERS)}
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    subprocess.run(command, env=environment, check=False, stdin=subprocess.DEVNULL)
    return downloaded()


def from_system() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update"), APT_INSTALL):
        subprocess.run(command, env=environment, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return installed()


def runnable(name: str) -> str | None:
    """The full path, if it starts: a download without the system's libraries is there and useless."""
    path = shutil.which(name)
    if path is None:
        return None
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if done.returncode == 0 else None
