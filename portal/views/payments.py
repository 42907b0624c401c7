"""The lists of payments, refunds and payouts. A list's whole state is in its address; it cannot disagree with it."""

from typing import Any

from django.db import OperationalError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from payments.kinds import PaymentKind
from payments.selectors import payments as selector
from payments.selectors.payments import StatusCounts
from payments.states import Status
from portal.access import MerchantRequest, may, merchant_page
from portal.chips import without
from portal.curl import first_payment
from portal.htmx import private, render_page
from portal.kind_words import KIND_WORDS
from portal.payment_filters import SIZES, PaymentFilterForm
from portal.places import url_of, url_of_object
from portal.tabs import Tab
from portal.words import STATUSES
from portal.zones import zone_of
from providers.numbers import InvalidPhoneError, normalise

REFRESH_CAP = 100


@merchant_page("payments.view")
@require_safe
def payments(request: MerchantRequest, kind: PaymentKind) -> HttpResponse:
    form = _form(request, kind)
    context: dict[str, Any] = {"form": form, "kind": kind, "words": KIND_WORDS[kind], "clear_url": "?"}
    context["can_pay_out"] = kind == PaymentKind.PAYOUT and may(request, "payouts.create")
    if not form.is_valid():
        return render_page(request, "portal/payments.html", context | {"state": "invalid"}, partial="results")
    try:
        context |= _results(request, form)
    except OperationalError:
        # A query that the database gave up on: say so with a way to try again, instead of an empty list that lies.
        return render_page(request, "portal/payments.html", context | {"state": "error"}, partial="results", status=503)
    if request.GET.get("cursor"):
        return render_page(request, "portal/payments.html", context, partial="rows")
    response = render_page(request, "portal/payments.html", context, partial="results")
    # The filter form sends every field; the address bar shows only those that say something.
    response.headers["HX-Push-Url"] = request.path + without(request.GET).removesuffix("?")
    return response


@merchant_page("payments.view")
@require_safe
def refresh(request: MerchantRequest, kind: PaymentKind) -> HttpResponse:
    """The rows in view that were not final, as they are now, and how many came in since."""
    form = _form(request, kind)
    shown = [text for text in request.GET.getlist("id") if "\0" not in text][:REFRESH_CAP]
    newer = 0
    if form.is_valid() and form.cleaned_data["newest"]:
        filters, newest = form.filters(timezone.now()), form.cleaned_data["newest"]
        newer = selector.count_newer(livemode=request.livemode, filters=filters, than=newest)
    context = {
        "words": KIND_WORDS[kind],
        "rows": selector.payments_by_id(livemode=request.livemode, kind=kind, ids=shown),
        "newer": newer,
        "newer_is_capped": newer >= selector.NEWER_CAP,
        "list_url": url_of(request, KIND_WORDS[kind].pages) + without(request.GET, "id", "newest"),
    }
    return private(render(request, "portal/payments_refresh.html", context))


@merchant_page("payments.view")
@require_safe
def find(request: MerchantRequest) -> HttpResponse:
    """From any id or reference to the payment, refund or payout; else to the list that was searched from, by the text
    or phone.
    """
    text = request.GET.get("q", "").replace("\0", "").strip()[:64]
    if not text:
        return redirect(_list_url(request))
    found = selector.find_payment(livemode=request.livemode, text=text)
    if found:
        return redirect(url_of_object(request, found))
    query = QueryDict(mutable=True)
    try:
        query["phone"] = "+" + normalise(text, allow_sandbox=not request.livemode)
    except InvalidPhoneError:
        query["reference"] = text
    return redirect(f"{_list_url(request)}?{query.urlencode()}")


def _list_url(request: MerchantRequest) -> str:
    asked = request.GET.get("list", "")
    return url_of(request, asked if asked in {words.pages for words in KIND_WORDS.values()} else "payments")


def _form(request: MerchantRequest, kind: PaymentKind) -> PaymentFilterForm:
    zone = zone_of(request.merchant.country)
    return PaymentFilterForm(request.GET, kind=kind, zone=zone, livemode=request.livemode)


def _results(request: MerchantRequest, form: PaymentFilterForm) -> dict[str, Any]:
    filters, chips = form.filters(timezone.now()), form.chips()
    page = selector.list_payments(
        livemode=request.livemode,
        filters=filters,
        cursor=form.cleaned_data["cursor"],
        limit=form.cleaned_data["size"],
    )
    context: dict[str, Any] = {
        "state": "rows",
        "page": page,
        "chips": chips,
        "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
        "size_urls": [(size, without(request.GET, size=size)) for size in SIZES],
        "size": form.cleaned_data["size"],
        "query": [(name, value) for name, value in request.GET.items() if name not in ("cursor", "id", "newest")],
        "is_first_page": not request.GET.get("cursor"),
        # Older than anything: an empty list asks for news since then.
        "oldest_id": f"{form.kind.prefix}_{'0' * 26}",
    }
    if request.GET.get("cursor") and page.rows:
        return context
    counts = selector.count_by_status(livemode=request.livemode, filters=filters)
    context["tabs"] = _tabs(request.GET, counts, filters.status, pending=KIND_WORDS[form.kind].pending)
    if not page.rows:
        is_narrowed = bool(chips) or bool(filters.status) or bool(request.GET.get("cursor"))
        context["state"] = "no_match" if is_narrowed else "none_yet"
        context["curl"] = first_payment() if filters.kind == PaymentKind.COLLECTION else ""
        context["status_word"] = _status_word(filters.status, KIND_WORDS[form.kind].pending)
    return context


def _status_word(status: str, pending: str) -> str:
    look = STATUSES.get(status)
    return pending if status == Status.PENDING else look.word if look else ""


def _tabs(query: QueryDict, counts: StatusCounts, current: str, *, pending: str) -> list[Tab]:
    base = without(query, "status")
    more = "+" if counts.is_capped else ""
    tabs = [Tab("All", base, f"{min(counts.total, selector.COUNT_CAP):,}{more}", is_current=not current)]
    for status in (
        Status.SUCCEEDED, Status.PENDING, Status.PROCESSING, Status.UNKNOWN, Status.FAILED, Status.CANCELED,
    ):  # fmt: skip
        url = without(query, status=status.value)
        count = f"{counts.by_status[status.value]:,}{more}"
        tabs.append(Tab(_status_word(status, pending), url, count, is_current=current == status.value))
    return tabs
