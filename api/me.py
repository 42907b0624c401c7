"""GET /v1/me: whom a key belongs to, its mode and what it may do."""

import orjson
from django.http import HttpResponse
from ninja import Router

from api.access import ApiRequest
from api.parameters import only_parameters
from api.schemas.account import Me
from api.specification import call
from payments.representation import timestamp

router = Router(tags=["Account"])


@router.get("", response={200: Me}, operation_id="get_me", **call(""))
def get_me(request: ApiRequest) -> HttpResponse:
    """Read what a key is.

    The merchant it belongs to, its mode and its scopes. Any valid key may ask.
    """
    only_parameters(request)
    access = request.access
    scopes = sorted(access.scopes)
    answer = {
        "object": "me",
        "merchant": {"id": access.public_id, "name": access.merchant_name, "slug": access.slug},
        "mode": "live" if access.livemode else "test",
        "livemode": access.livemode,
        "scopes": scopes,
        "key": {
            "id": access.key_id,
            "name": access.key_name,
            "scopes": scopes,
            "expires_at": timestamp(access.expires_at) if access.expires_at else None,
        },
        "providers": sorted(access.providers),
    }
    return HttpResponse(orjson.dumps(answer), content_type="application/json")
