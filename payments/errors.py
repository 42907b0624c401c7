"""What a verb refuses, as exceptions that every door translates the same way."""


class Refusal(Exception):
    """A request we understood and do not carry out. `code` is one of CONTRACT.md section 3; nothing was changed."""

    code = "validation_failed"
    status = 422

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(Refusal):
    code, status = "not_found", 404


class InvalidState(Refusal):
    code, status = "invalid_state", 409


class NoRoute(Refusal):
    code, status = "no_route", 422


class DuplicateReference(Refusal):
    code, status = "duplicate_reference", 409

    def __init__(self, detail: str, existing_id: str) -> None:
        super().__init__(detail)
        self.existing_id = existing_id


class KeyReused(Refusal):
    code, status = "idempotency_key_reused", 422

    def __init__(self, detail: str, fields: list[str]) -> None:
        super().__init__(detail)
        self.fields = fields


class StillInProgress(Refusal):
    code, status = "idempotency_in_progress", 409
    retry_after_seconds = 1


class ProviderUnavailable(Refusal):
    code, status = "provider_unavailable", 503
    retry_after_seconds = 5
