"""What Zamtel's result codes mean, the same in both shapes (PROVIDERS.md 3.1, 3.2, 6).

Known only from public integrators' code. Whatever is not in these tables is UNKNOWN.
"""

from collections.abc import Mapping

from providers.base import Kind, Operation, Outcome
from providers.verdicts import failed, refused, unknown

Codes = Mapping[str, Outcome]

_SHARED: Codes = {
    "2001": refused("credentials_rejected", "Zamtel rejected the merchant's initiator or credentials.", alarm=True),
    "2004": failed("amount_out_of_range", "Zamtel does not take this amount."),
    "2005": failed("limit_reached", "A limit at Zamtel was reached."),
    # Integrators meet it on a wrong caller id or password as well as on a busy day, so it proves nothing.
    "E8027": unknown(
        "Zamtel could not process it now, or does not accept the merchant's credentials.", alarm=True, trouble=True
    ),
    "-1": unknown("Zamtel had an internal error; the money may have moved.", trouble=True),
}

CODES: Mapping[Operation, Codes] = {
    Operation.COLLECT: {
        **_SHARED,
        "0": Outcome(Kind.SUCCEEDED, message="The payer approved."),
        "2006": failed("insufficient_funds", "The payer's balance is too low."),
        "E8003": failed("wrong_pin", "The payer entered a wrong PIN."),
        "E8036": failed("payer_not_found", "This number has no Zamtel wallet."),
    },
    # Nobody enters a PIN here, so E8003 would be a riddle.
    Operation.TRANSFER: {
        **_SHARED,
        "0": Outcome(Kind.SUCCEEDED, message="The recipient has the money."),
        "2006": failed("merchant_funds_insufficient", "The merchant's Zamtel balance is too low.", alarm=True),
        "E8036": failed("payer_not_found", "The recipient's number has no Zamtel wallet."),
    },
}

OTHER_CODE = unknown("Zamtel gave a code that we do not know.")
