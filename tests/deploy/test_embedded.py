"""The embedded PostgreSQL: it keeps data, wants its password, and comes back after every kind of end."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy import embedded
from deploy.postgres_account import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, account_for
from deploy.postgres_cluster import PROGRAMS, Cluster, EmbeddedPostgresError
from deploy.postmaster import find_process
from tests.deploy.waiting import wait_for

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cluster for all tests here; making one takes most of a second. The path is one that URLs dislike."""
    return tmp_path_factory.mktemp("a folder, 100% odd") / "postgres"


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    with embedded.running(folder) as url:
        yield url


def test_data_outlives_a_stop(folder: Path) -> None:
    with embedded.running(folder) as url:
        write_row(url)
    with embedded.running(folder) as url:
        assert count_rows(url) > 0


def test_data_outlives_kill_9_of_the_server(folder: Path) -> None:
    cluster, process = embedded.start(folder)
    write_row(cluster.url)
    before = count_rows(cluster.url)
    process.kill()
    embedded.stop(cluster, process)
    with embedded.running(folder) as url:
        assert count_rows(url) == before


def test_the_server_ends_with_its_parent_even_by_kill_9(folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.embedded", "run", "--data-dir", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        parent.stdout.readline()
        server = find_process(Cluster(folder).data)
        assert server
        parent.kill()
    wait_for(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def test_a_server_without_parent_is_ended_and_replaced(folder: Path) -> None:
    cluster, process = embedded.start(folder)
    cluster.release()  # as the kernel does for a parent that is gone
    with embedded.running(folder) as url:
        assert process.wait(timeout=10) == 0
        write_row(url)


def test_a_process_number_that_now_belongs_to_a_stranger_is_not_believed(folder: Path) -> None:
    with embedded.running(folder):
        left = (Cluster(folder).data / "postmaster.pid").read_text().splitlines()
    (Cluster(folder).data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left[1:]]))
    with embedded.running(folder) as url:
        write_row(url)


@pytest.mark.parametrize("password", [":wrong", ""])
def test_without_its_password_nobody_gets_in(url: str, password: str) -> None:
    user, rest = url.removeprefix("postgresql://").split("@")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{user.split(':')[0]}{password}@{rest}")


def test_the_password_is_for_its_owner_only(folder: Path, url: str) -> None:
    assert (folder / "password").stat().st_mode & 0o077 == 0


def test_the_application_is_no_superuser(url: str) -> None:
    with psycopg.connect(url) as connection:
        query = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(query).fetchone() == (False, True)


def test_a_commit_is_durable(url: str) -> None:
    with psycopg.connect(url) as connection:
        asked = ("fsync", "synchronous_commit", "full_page_writes")
        assert [connection.execute(f"SHOW {name}").fetchone() for name in asked] == [("on",)] * 3


def test_the_benchmarks_can_count_statements(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
        connection.execute("SELECT 41 + 1")
        calls = "SELECT calls FROM pg_stat_statements WHERE query LIKE 'SELECT $1 + $2'"
        assert connection.execute(calls).fetchone() == (1,)


def test_a_second_start_is_refused_and_others_can_find_the_first(folder: Path, url: str) -> None:
    with pytest.raises(EmbeddedPostgresError, match="Another process runs the database"):
        embedded.start(folder)
    assert embedded.url_of_running(folder) == url


def test_nothing_is_found_where_nothing_runs(tmp_path: Path) -> None:
    assert embedded.url_of_running(tmp_path) is None


def test_a_cluster_of_another_version_is_refused_in_words(folder: Path) -> None:
    with embedded.running(folder):
        version = Cluster(folder).data / "PG_VERSION"
        original = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 9"):
            embedded.start(folder)
    finally:
        version.write_text(original)


def test_a_throwaway_leaves_nothing_and_clears_up_after_killed_ones(tmp_path: Path) -> None:
    abandoned = tmp_path / "postgres-abandoned"
    abandoned.mkdir()
    os.utime(abandoned, (time.time() - 3600,) * 2)
    with embedded.throwaway(tmp_path) as url:
        write_row(url)
        assert not abandoned.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root has another account to run it")
def test_an_ordinary_user_runs_it_as_itself(tmp_path: Path) -> None:
    assert account_for(tmp_path / "cluster", program=PROGRAMS / "postgres").uid is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_runs_it_as_nobody_who_may_pass_closed_folders_and_no_more(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    account = account_for(tmp_path / "cluster", program=PROGRAMS / "postgres")
    assert account.uid not in (None, 0)
    assert account.capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int GENERATED ALWAYS AS IDENTITY)")
        connection.execute("INSERT INTO kept DEFAULT VALUES")


def count_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row
        return int(row[0])
