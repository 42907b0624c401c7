"""Uploads stop being kept where they become too large, before a view or a disk has to bear them."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from payments.statements.reading import LARGEST_BYTES


class CappedUploadHandler(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: it lets bytes through to the next one up to the largest file that any form takes.

    CSRF protection reads a form before its view runs, so that a view could not choose handlers in time.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        if self.seen > LARGEST_BYTES:
            if self.request is not None:
                self.request.upload_is_too_large = True  # type: ignore[attr-defined]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
