"""`make demo`: the whole product on this machine, in the foreground, until Ctrl-C."""

# ruff: noqa: T201 (a command)
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy import embedded
from deploy.demo_preparation import Preparation, PreparationError, tail
from deploy.demo_state import Options, demo_environment, is_set, write_private
from deploy.launch import PR_SET_PDEATHSIG, prctl
from deploy.locks import try_lock
from deploy.postgres_cluster import EmbeddedPostgresError
from deploy.supervisor import Program, StopRequested, Supervisor

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90
DEATHS_TOLERATED = 2  # before the demo is ready; afterwards there is no limit
LEFTOVER_SECONDS = 5  # what the processes of a demo that was killed may take to go away


class DemoError(Exception):
    """The demo cannot run; the message says why and what to do."""


def main() -> None:
    started_at = time.monotonic()
    options = Options.from_environment()
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # a make that is killed takes the demo with it
    try:
        take_place(options)
    except DemoError as error:
        sys.exit(str(error))
    logs = options.data_dir / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    supervisor = Supervisor(folder=ROOT, logs=logs, ready_file=demo_file(options), say=say)
    try:
        people = start_everything(options, supervisor)
        write_private(demo_file(options), people)
        print_welcome(options, people, seconds=time.monotonic() - started_at)
        supervisor.run()
    except StopRequested:
        pass
    except (DemoError, PreparationError, EmbeddedPostgresError) as error:
        sys.exit(str(error))
    finally:
        say("Stopping …")
        supervisor.stop()


def take_place(options: Options) -> None:
    """One demo per DATA_DIR, and ports that nobody else has."""
    options.data_dir.mkdir(parents=True, exist_ok=True)
    if try_lock(options.data_dir / "lock") is None:
        raise DemoError(
            f"A demo already runs in {options.data_dir}: stop it with Ctrl-C there,"
            " or start another one with its own DATA_DIR, PORT and SIM_PORT."
        )
    was_killed = demo_file(options).exists()
    demo_file(options).unlink(missing_ok=True)
    deadline = time.monotonic() + (LEFTOVER_SECONDS if was_killed else 0)
    for name, port in (("PORT", options.port), ("SIM_PORT", options.simulator_port)):
        while not is_free(port):
            if time.monotonic() >= deadline:
                raise DemoError(f"Port {port} is in use by another program; choose another one with {name}=….")
            time.sleep(0.1)


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def start_everything(options: Options, supervisor: Supervisor) -> Mapping[str, Any]:
    """What demo.json says, once everything works."""
    is_embedded = not is_set("DATABASE_URL")
    database_url = start_database(options, supervisor) if is_embedded else os.environ.get("DATABASE_URL", "")
    supervisor.environment = demo_environment(options, database_url=database_url)
    preparation = Preparation(
        ROOT,
        record=options.data_dir / "postgres" / "prepared.json" if is_embedded else None,
        static_root=Path(supervisor.environment["STATIC_ROOT"]),
    )
    people = preparation.people_if_current()
    if people is None:
        say("Preparing the database, the demo data and the static files …")
        people = preparation.run(supervisor)
    for program in programs(options):
        supervisor.start(program)
    wait_until_ready(options, supervisor)
    addresses = {"url": options.url, "simulator_url": options.simulator_url, "database_url": database_url}
    return {**addresses, **people}


def start_database(options: Options, supervisor: Supervisor) -> str:
    log = supervisor.log_of("postgres")
    cluster, process = embedded.start(options.data_dir / "postgres", log=log)
    supervisor.adopt(Program("postgres", tuple(cluster.command), stop_signal=signal.SIGINT, stop_rank=2), process)
    return cluster.url


def programs(options: Options) -> list[Program]:
    python, manage = sys.executable, (sys.executable, "manage.py")
    # Django's checks load every view and form, a third of the start; `make check` runs them.
    worker = (*manage, "run_huey", "--skip-checks", "--workers", str(options.worker_threads), "--worker-type", "thread")
    web = (
        *(python, "-m", "deploy.web", "--interface", "wsgi", "deploy.wsgi:application", "--http", "1", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(options.port), "--workers", str(options.web_workers)),
        *("--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "3"),
    )
    simulator = (
        "-m",
        "providers.simulator",
        "--port",
        str(options.simulator_port),
        "--state",
        str(options.simulator_state),
    )
    return [
        Program("web", web, stop_rank=0, grace_seconds=4),
        # SIGINT lets it finish what it is at; SIGTERM would not.
        *(Program(f"worker-{n + 1}", worker, stop_signal=signal.SIGINT) for n in range(options.workers)),
        # What is slow by nature has a worker of its own.
        Program("worker-zamtel", (*manage, "run_lane_worker", "--skip-checks", "zamtel"), stop_signal=signal.SIGINT),
        Program("scheduler", (*manage, "run_scheduler", "--skip-checks")),
        Program("simulator", (python, *simulator)),
    ]


def wait_until_ready(options: Options, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS

    def is_settled() -> bool:
        return is_ready(options.port) or time.monotonic() > deadline or bool(failing())

    def failing() -> list[str]:
        return [name for name, child in supervisor.children.items() if child.deaths > DEATHS_TOLERATED]

    supervisor.wait_until(is_settled)
    for name in failing():
        log = supervisor.log_of(name)
        raise DemoError(f"{name} does not stay up; the end of {log}:\n{tail(log)}")
    if not is_ready(options.port):
        raise DemoError(f"{options.url}/readyz did not say that all is well in {READY_SECONDS} s; see the logs.")


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def demo_file(options: Options) -> Path:
    return options.data_dir / "demo.json"


def print_welcome(options: Options, people: Mapping[str, Any], *, seconds: float) -> None:
    rows = [("admin", "", people["admin"])]
    for merchant in people["merchants"]:
        rows += [(merchant["slug"], role, merchant[role]) for role in ("owner", "viewer")]
    lines = [f"{who:<8} {role:<7} {person['email']:<24} {person['password']}" for who, role, person in rows]
    lines += [f"{merchant['slug']:<8} API key {merchant['test_key']}" for merchant in people["merchants"]]
    print(f"\nNdalama is ready in {seconds:.1f} s:  {options.url}\n")
    print("\n".join(f"  {line}" for line in lines))
    print(f"\n  The simulated network, where things can be made to go wrong: {options.simulator_url}")
    print(f"  This is also in {demo_file(options)}; logs are in {options.data_dir / 'logs'}.")
    print("  Ctrl-C stops everything and keeps the data.\n", flush=True)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
