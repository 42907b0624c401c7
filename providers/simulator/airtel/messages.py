"""Airtel's envelope around every answer, and the bodies of the gateway before it."""

from collections.abc import Mapping
from typing import Any

from providers.simulator.messages import Answer, json_answer
from providers.simulator.switches import Switches

Data = Mapping[str, Any]

# Codes that Airtel calls deprecated; answers that carry one of these have no `response_code`.
_OLD_CODES = ("ESB", "0000900")


def success(data: Data, code: str) -> Answer:
    return answered(data, code, "SUCCESS", is_success=True)


def answered(data: Data, code: str, message: str, *, is_success: bool) -> Answer:
    """The envelope says 200 whatever became of the money."""
    return _envelope(data, {"code": "200", "message": message, **_coded(code, "ESB000010"), "success": is_success})


def failure(code: str, message: str, switches: Switches, *, http: int = 400, data: Data | None = None) -> Answer:
    """`http` is what the envelope says. The answer itself is a 200, unless a switch wants both to be the same."""
    status = {**_coded(code, "ESB000011"), "code": str(http), "success": False, "message": message}
    return _envelope(data, status, http=200 if switches["failures_as_http_200"] else http)


def coded(code: str, _: object = None) -> Answer:
    """A failure with this code, in place of the right answer."""
    status = {**_coded(code, "ESB000011"), "code": "400", "success": False, "message": "Something Went Wrong"}
    return _envelope(None, status)


def _coded(code: str, old_code: str) -> dict[str, str]:
    if code.startswith(_OLD_CODES):
        return {"result_code": code}
    return {"result_code": old_code, "response_code": code}


def _envelope(data: Data | None, status: Mapping[str, Any], *, http: int = 200) -> Answer:
    return json_answer(http, {"data": data, "status": status} if data is not None else {"status": status})


# How Airtel spells the faults that networks spell differently: most come from its gateway.
FAULTY_ANSWERS: Mapping[str, Answer] = {
    "rate_limited": Answer(429, b'{"message":"API rate limit exceeded"}', "application/json", {"Retry-After": "1"}),
    "error_500": json_answer(
        500,
        {"status": {"code": "500", "success": False, "message": "Something Went Wrong", "result_code": "ESB000001"}},
    ),
    "unavailable_503": json_answer(503, {"message": "name resolution failed"}),
    "ip_403": json_answer(403, {"message": "IP address not allowed: 203.0.113.7"}),
    "not_entitled_403": json_answer(403, {"message": "You cannot consume this service"}),
    "no_route_404": json_answer(404, {"message": "no Route matched with those values"}),
}
NO_ROUTE = FAULTY_ANSWERS["no_route_404"]
