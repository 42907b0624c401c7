"""The error bodies of MTN's API, and of the gateway before it."""

from collections.abc import Mapping

from providers.simulator.messages import Answer, json_answer

DUPLICATE = "Duplicated reference id. Creation of resource failed."
NOT_FOUND = "Requested resource was not found."


def api_error(status: int, code: str, message: str = "") -> Answer:
    """The API's own shape."""
    return json_answer(status, {"code": code, "message": message or code.replace("_", " ").capitalize() + "."})


def gateway_error(status: int, message: str) -> Answer:
    """The shape of the API management in front of it."""
    return json_answer(status, {"statusCode": status, "message": message})


RATE_LIMITED = Answer(429, gateway_error(429, "Rate limit is exceeded.").body, "application/json", {"Retry-After": "1"})

# How MTN spells the faults that networks spell differently.
FAULTY_ANSWERS: Mapping[str, Answer] = {
    "rate_limited": RATE_LIMITED,
    "error_500": api_error(500, "INTERNAL_PROCESSING_ERROR", "An internal error occurred while processing."),
    "unavailable_503": api_error(503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable, try again later."),
    "ip_403": api_error(403, "FORBIDDEN_IP", "Authorization failed. IP not authorized to use Wallet Platform."),
    "not_entitled_403": api_error(403, "NOT_ALLOWED", "Authorization failed. Not entitled to this product."),
    "no_route_404": gateway_error(404, "Resource not found"),
}
