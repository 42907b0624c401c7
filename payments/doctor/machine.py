"""The machine itself: room for data."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from payments.doctor.finding import Finding, fail, ok, warn

MEBIBYTE = 1024 * 1024
SCARCE_BYTES, TOO_FEW_BYTES = 2048 * MEBIBYTE, 200 * MEBIBYTE


def check_disk() -> Finding:
    """Where DATA_DIR is, or the code when it is not set: the embedded database and the logs lie there."""
    return judge_disk(folder := data_dir(), free=shutil.disk_usage(folder).free)


def judge_disk(folder: Path, *, free: int) -> Finding:
    sentence = f"{free // MEBIBYTE:,} MiB are free at {folder}."
    todo = "Make room: PostgreSQL stops at a full disk."
    if free < TOO_FEW_BYTES:
        return fail("disk", sentence, do=todo)
    if free < SCARCE_BYTES:
        return warn("disk", sentence, do=todo)
    return ok("disk", sentence)


def data_dir() -> Path:
    folder = Path(os.environ.get("DATA_DIR") or settings.BASE_DIR).absolute()
    # Before the first start the folder itself does not exist; the disk is its parent's.
    return next(place for place in (folder, *folder.parents) if place.is_dir())
