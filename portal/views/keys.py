"""API keys: the list, a new one shown once, revoke."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from payments import keys as verbs
from payments.errors import InvalidState, NotFound, Refusal
from payments.selectors import keys as selector
from portal.access import MerchantRequest, may, merchant_page
from portal.curl import first_payment
from portal.htmx import go_to, render_page
from portal.key_forms import KeyForm, RevokeForm
from portal.origin import origin
from portal.places import url_of


@merchant_page("keys.view")
@require_safe
def keys(request: MerchantRequest) -> HttpResponse:
    now = timezone.now()
    found = [(key, key.state(now=now)) for key in selector.list_keys(livemode=request.livemode)]
    context = {
        "working": [pair for pair in found if pair[1] == "active"],
        "ended": [pair for pair in found if pair[1] != "active"],
        "can_manage": may(request, "keys.manage"),
        "scope_words": verbs.SCOPES,
    }
    return render_page(request, "portal/keys.html", context, partial="rows")


@merchant_page("keys.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MerchantRequest) -> HttpResponse:
    """The key is in the answer to this POST and nowhere else: not in a session, not in a message, not in an address."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            key, text = verbs.issue_key(
                livemode=request.livemode,
                name=data["name"],
                scopes=data["scopes"],
                allowed_ips=data["allowed_ips"],
                expires_at=form.expires_at(),
                **origin(request),
            )
        except Refusal as error:
            form.add_error(None, error.detail)
        else:
            context: dict[str, Any] = {"key": key, "text": text, "curl": first_payment(text)}
            return render_page(request, "portal/key_created.html", context, partial="created", status=201)
    status = 422 if form.errors else 200
    return render_page(request, "portal/key_new.html", {"form": form}, partial="form", status=status)


@merchant_page("keys.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: MerchantRequest, object_id: str) -> HttpResponse:
    key = selector.get_key(livemode=request.livemode, key_id=object_id)
    if key is None:
        raise Http404("No such key in this mode.")
    form = RevokeForm(request.POST or None, expected=key.name)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.revoke_key(key_id=object_id, livemode=request.livemode, **origin(request))
            messages.success(request, f"“{key.name}” is revoked. Requests with it are refused within a second.")
        except NotFound as error:
            raise Http404(error.detail) from error
        except InvalidState as error:
            messages.error(request, error.detail)
        return go_to(request, url_of(request, "keys"))
    status = 422 if form.errors else 200
    context = {"form": form, "key": key}
    return render_page(request, "portal/key_revoke.html", context, partial="question", status=status)
