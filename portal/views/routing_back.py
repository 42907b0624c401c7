"""Going back to an earlier version of the routing rules: what that changes, and then the save."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from payments.errors import Refusal
from payments.models import RoutingPlan
from payments.routing.plans import difference, revert_plan, stored_rules
from payments.routing.preview import DAYS, compare, recent_traffic
from payments.selectors.routing import get_plan
from portal.access import MerchantRequest, merchant_page
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.routing_now import routing_now


@merchant_page("routing.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: MerchantRequest) -> HttpResponse:
    """GET asks, as a page or in the dialog; POST does it, unless somebody saved since the question was asked."""
    plan, now = _asked_for(request), routing_now(request)
    if now.plan is None or plan.rules == now.plan.rules:
        messages.success(request, "Nothing changed: these rules hold already.")
        return go_to(request, url_of(request, "routing"))
    refusal = ""
    if request.method == "POST":
        seen = _whole(request.POST.get("based_on", ""))
        try:
            made = revert_plan(livemode=request.livemode, to=plan.version, based_on=seen, **origin(request))
        except Refusal as error:
            refusal, now = error.detail, routing_now(request)
        else:
            messages.success(request, f"Version {made.version} holds, with the rules of version {plan.version}.")
            return go_to(request, url_of(request, "routing"))
    traffic = recent_traffic(livemode=request.livemode)
    context = {
        "plan": plan,
        "now": now,
        "changed": difference(now.plan, plan),
        "preview": compare(traffic, today=now.rules, then=stored_rules(plan.rules), routes=now.routes),
        "days": DAYS,
        "refusal": refusal,
    }
    status = 409 if refusal else 200
    return render_page(request, "portal/routing_back.html", context, partial="question", status=status)


def _asked_for(request: MerchantRequest) -> RoutingPlan:
    asked = request.POST.get("to") or request.GET.get("to", "")
    plan = get_plan(livemode=request.livemode, version=_whole(asked))
    if plan is None:
        raise Http404("No such version in this mode.")
    return plan


def _whole(text: str) -> int:
    """0 for what is no version number: no version has it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
