"""The codes that Zamtel gives for what became of an order."""

from collections.abc import Mapping

from providers.simulator.zamtel.scenarios import UNDOCUMENTED

SUCCESS, UNABLE, INITIATOR, NOT_REGISTERED, INVALID_AMOUNT = "0", "E8027", "2001", "E8036", "2004"
DUPLICATE = "E8888"  # invented: what Zamtel says to a conversation id that it has seen is not known

# Our books' reason -> code. How a payer's refusal is told is not known; the prompt ends as for a wrong PIN.
BY_REASON: Mapping[str, str] = {
    "": SUCCESS,
    "WRONG_PIN": "E8003",
    "APPROVAL_REJECTED": "E8003",
    "NOT_ENOUGH_FUNDS": "2006",
    "LIMIT_REACHED": "2005",
    "AMOUNT_OUT_OF_RANGE": INVALID_AMOUNT,
    "PAYER_NOT_FOUND": NOT_REGISTERED,
    "INITIATOR": INITIATOR,
    "UNSPECIFIED": UNDOCUMENTED,
}
WORDS: Mapping[str, str] = {
    SUCCESS: "Success",
    "E8003": "Wrong PIN",
    "2006": "Insufficient balance",
    "2005": "Rule limited",
    INVALID_AMOUNT: "Invalid amount",
    NOT_REGISTERED: "Customer is not registered",
    UNABLE: "The system is unable to process your request now.",
    INITIATOR: "Initiator authentication error.",
    "-1": "System internal error.",
}
OTHER_WORDS = "System time out"


def words(code: str) -> str:
    return WORDS.get(code, OTHER_WORDS)
