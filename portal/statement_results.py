"""What came of an action on the Reconcile pages: a message, or the 404 that hides other merchants' rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import Http404

from payments.errors import NotFound, Refusal
from portal.access import MerchantRequest


@contextmanager
def not_there() -> Iterator[None]:
    """Around a verb: raises Http404 for what is not there."""
    try:
        yield
    except NotFound as error:
        raise Http404(error.detail) from error


@contextmanager
def tell(request: MerchantRequest, success: str) -> Iterator[None]:
    """Around a verb: says that it worked, or why it was refused. Raises Http404 for what is not there."""
    try:
        with not_there():
            yield
    except Refusal as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, success)
