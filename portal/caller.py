"""The person of a request as the engine's verbs that move money take them."""

from payments.accounts import routes_of
from payments.create import Caller
from payments.routing.plans import current_plan, stored_rules
from portal.access import MerchantRequest
from portal.origin import origin


def caller_of(request: MerchantRequest) -> Caller:
    """Nothing counts as blocked: what goes out or back waits for a provider that is down."""
    return Caller(
        tenant_id=request.merchant.pk,
        schema=request.merchant.schema_name,
        livemode=request.livemode,
        routes=routes_of(livemode=request.livemode),
        blocked=frozenset(),
        rules=stored_rules(plan.rules) if (plan := current_plan(livemode=request.livemode)) else (),
        **origin(request),
    )
