"""A small stand-in for the demo, run as its own process: three programs under the real supervisor."""

# ruff: noqa: T201 (what is printed here is what the tests read)
import sys
from pathlib import Path

from deploy.supervisor import Program, Supervisor

# Notes when it starts and when it is asked to stop; `family` also has a child that does not care about signals.
BODY = """
import os, signal, subprocess, sys, time
def note(word):
    with open("notes", "a") as notes:
        notes.write(f"{word} {sys.argv[1]} {os.getpid()}\\n")
def leave(*_):
    note("stopped")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
if sys.argv[1] == "family":
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    subprocess.Popen([sys.executable, "-S", "-c", code])
note("started")
time.sleep(60)
"""


def main(folder: Path) -> None:
    ready_file = folder / "ready"
    supervisor = Supervisor(
        folder=folder, logs=folder, ready_file=ready_file, say=lambda sentence: print(sentence, flush=True)
    )
    for name, rank in (("database", 2), ("worker", 1), ("family", 0)):
        command = (sys.executable, "-S", "-c", BODY, name)
        supervisor.start(Program(name, command, stop_rank=rank, grace_seconds=1))
    ready_file.touch()
    supervisor.run()
    supervisor.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
