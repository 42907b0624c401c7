"""The reference for writes: PostgreSQL's own pgbench running the statement that accepts a payment."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.postgres_cluster import PROGRAMS
from payments.create import CREATE_SQL

# What the application computes per request, pgbench makes from one random number.
_VALUES = {
    "kind": "'collection'", "happened": "'payment.created'", "original": "NULL::text",
    "id": "('pay_' || :number::text)", "key": "('key-' || :number::text)", "event_id": "('evt_' || :number::text)",
    "livemode": "false", "amount": "150.00", "currency": "'ZMW'", "phone": "'260966000123'", "provider": "'mtn'",
    "reference": "NULL", "description": "'Order 1001'", "metadata": "'{\"order\": \"1001\"}'::jsonb",
    "actor": "'bench'", "now": "now()", "route": "'POST /v1/payments'",
    "request": "'{\"amount\": \"150.00\", \"currency\": \"ZMW\", \"phone\": \"+260966000123\"}'::jsonb",
    "body": "'{BODY}'", "data": "'{BODY}'::jsonb", "ip": "'127.0.0.1'", "request_id": "'req_bench'",
    "after": "'{\"status\": \"pending\"}'::jsonb",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    rate: float
    latency_ms: float


def script(*, schema: str, tenant_id: int, body: str, folder: Path) -> Path:
    """A pgbench script with the very statement of payments/create.py."""
    values = _VALUES | {"tenant_id": str(tenant_id)}
    sql = CREATE_SQL.format(schema=schema)
    for name, value in values.items():
        sql = sql.replace(f"%({name})s", value.replace("{BODY}", body.replace("'", "''")))
    path = folder / "create.sql"
    path.write_text(f"\\set number random(1, 1000000000000000000)\n{sql};\n")
    return path


def run(*, database_url: str, path: Path, clients: int, for_seconds: int) -> Result:
    """pgbench -M prepared, over TCP as the application."""
    done = subprocess.run(
        [
            str(PROGRAMS / "pgbench"), "-n", "-M", "prepared", "-f", str(path), "-c", str(clients),
            "-j", str(min(clients, 2)), "-T", str(for_seconds), database_url,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    output = done.stdout
    if done.returncode:
        raise RuntimeError(f"pgbench failed:\n{done.stderr}")
    rate = re.search(r"tps = ([0-9.]+)", output)
    latency = re.search(r"latency average = ([0-9.]+)", output)
    if rate is None or latency is None:
        raise RuntimeError(f"pgbench said nothing to read:\n{output}")
    return Result(rate=float(rate[1]), latency_ms=float(latency[1]))
