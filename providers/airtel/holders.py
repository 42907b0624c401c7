"""What Airtel says about wallets: the one behind a phone number, and the merchant's own."""

from providers.airtel.gateway import is_complete
from providers.airtel.parsing import grouped_amount_of, object_in, read_envelope
from providers.base import Balance, HolderStatus
from providers.http import Answer
from providers.parsing import key_of, parse_object, word_of

USER_NOT_FOUND = "DP02200000002"
SUBSCRIBER = "SUBS"


def read_holder(answer: Answer) -> HolderStatus:
    """By explicit words only. The names that come with it are personal data, and go no further."""
    if not is_complete(answer) or answer.status not in {200, 400, 404}:
        return HolderStatus.UNKNOWN
    data = object_in(parse_object(answer.body), "data")
    is_registered = key_of(word_of(object_in(data, "registration").get("status"))) == SUBSCRIBER
    if answer.status == 200 and data.get("is_barred") is True:
        return HolderStatus.INACTIVE
    if answer.status == 200 and data.get("is_barred") is False and is_registered:
        return HolderStatus.ACTIVE
    is_unknown = not data and USER_NOT_FOUND in read_envelope(answer.body).words
    return HolderStatus.NOT_FOUND if is_unknown else HolderStatus.UNKNOWN


def read_balance(answer: Answer) -> Balance | None:
    """The envelope is no help: the documented success carries `success: false`."""
    found = parse_object(answer.body) if is_complete(answer) and answer.status == 200 else {}
    data = object_in(found, "data")
    amount = grouped_amount_of(data.get("balance"))
    return None if amount is None else Balance(amount, word_of(data.get("currency")))
