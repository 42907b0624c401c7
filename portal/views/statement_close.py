"""The end of a period: what is still open, the close, and its certificate."""

import base64
import json

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from payments.models import Statement
from payments.selectors import statements as selector
from payments.statements import closing
from payments.statements.movements import gaps_around
from portal.access import MerchantRequest, merchant_page
from portal.htmx import go_to, private, render_page
from portal.origin import origin
from portal.places import url_of
from portal.statement_results import tell
from portal.views.statements import find_statement


@merchant_page("reconciliation.close")
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = find_statement(request, object_id)
    if request.method != "POST":
        if found.state != Statement.OPEN:
            return go_to(request, url_of(request, "statement", object_id))
        context = {"statement": found, "equation": selector.equation(found), "gaps": gaps_around(found)}
        return render_page(request, "portal/reconcile/close.html", context, partial="page")
    with tell(request, "The period is closed, and its certificate is written."):
        closing.close(statement_id=object_id, livemode=request.livemode, **origin(request))
        return go_to(request, url_of(request, "statement_certificate", object_id))
    return go_to(request, url_of(request, "statement_close", object_id))


@merchant_page("reconciliation.view")
@require_safe
def certificate(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = _closed(request, object_id)
    context = {"statement": found, "certificate": json.loads(found.certificate)}
    return render_page(request, "portal/reconcile/certificate.html", context, partial="page")


@merchant_page("reconciliation.view")
@require_safe
def download(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The very bytes that were hashed: `sha256sum` of the file is the certificate's own hash."""
    found = _closed(request, object_id)
    response = HttpResponse(found.certificate.encode(), content_type="application/json")
    name = f"certificate-{found.pk}-{found.certificate_sha256[:12]}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    digest = base64.b64encode(bytes.fromhex(found.certificate_sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    return private(response)


def _closed(request: MerchantRequest, statement_id: str) -> Statement:
    found = find_statement(request, statement_id)
    if found.state != Statement.CLOSED:
        raise Http404("This period is not closed, so it has no certificate.")
    return found
