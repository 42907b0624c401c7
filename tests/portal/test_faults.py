"""The pages for what went wrong. A fault of ours is rendered without asking the database anything."""

from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client

from tests.portal.pages import path, text_of
from tests.world import Merchant


@pytest.mark.parametrize(("error", "status", "words"), [
    (RuntimeError("x"), 500, "Something broke on our side"),
    (OperationalError("connection refused"), 503, "Back in a moment"),
])  # fmt: skip
def test_a_fault_of_ours_names_the_request(acme: Merchant, error: Exception, status: int, words: str) -> None:
    client = acme.browser()
    client.raise_request_exception = False
    with patch("payments.selectors.dashboard.days", side_effect=error):
        response = client.get(path(acme))
    assert response.status_code == status
    assert words in text_of(response)
    assert response["X-Request-ID"] in text_of(response)
    assert "RuntimeError" not in response.content.decode()


def test_an_unknown_address_is_a_page(db: None) -> None:
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert "Page not found" in text_of(response)


def test_a_form_without_a_token_changes_nothing_and_says_so(acme: Merchant) -> None:
    client = acme.browser()
    client.handler.enforce_csrf_checks = True
    response = client.post(path(acme, "developers/keys/new/"), {"name": "x"})
    assert response.status_code == 403
    assert "The form has expired" in text_of(response)


def test_too_many_attempts_have_a_page() -> None:
    assert "Too many attempts" in render_to_string("429.html")
