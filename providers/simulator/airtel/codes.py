"""The codes that Airtel gives for what became of an order."""

from collections.abc import Mapping

# Our books' reason, or what an order is while it has not ended -> `response_code` and text.
Codes = Mapping[str, tuple[str, str]]

COLLECTION: Codes = {
    "TA": ("DP00800001000", "Ambiguous"),
    "TS": ("DP00800001001", "Success"),
    "TIP": ("DP00800001006", "In process"),
    "WRONG_PIN": ("DP00800001002", "Incorrect Pin"),
    "LIMIT_REACHED": ("DP00800001003", "Exceeds withdrawal amount limit(s)"),
    "AMOUNT_OUT_OF_RANGE": ("DP00800001004", "Invalid Amount"),
    "NO_PIN": ("DP00800001005", "User didn't enter the pin"),
    "UNSPECIFIED": ("DP00800001005", "Transaction ID is invalid"),
    "NOT_ENOUGH_FUNDS": ("DP00800001007", "Not enough balance"),
    "APPROVAL_REJECTED": ("DP00800001008", "Refused"),
    "PAYER_NOT_FOUND": ("DP00800001010", "Transaction not permitted to Payee"),
    "REFUSED": ("DP00800001013", "Refused"),
    "EXPIRED": ("DP00800001029", "Transaction Expired"),
    "INSUFFICIENT_FUNDS": ("DP008001021", "Insufficient Funds"),
}
TRANSFER: Codes = {
    "TA": ("DP00900001000", "Unknown Error"),
    "TS": ("DP00900001001", "Success"),
    "TIP": ("DP00900001006", "Transaction in Progress"),
    "timed_out": ("DP00900001014", "Transaction Timed Out"),
    "LIMIT_REACHED": ("DP00900001003", "Maximum transaction limit reached"),
    "AMOUNT_OUT_OF_RANGE": ("DP00900001004", "Amount is out of range"),
    "UNSPECIFIED": ("DP00900001005", "Failed"),
    "NOT_ENOUGH_FUNDS": ("DP00900001007", "Insufficient Funds"),
    "INVALID_INITIATEE": ("DP00900001009", "Invalid Initiatee"),
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": ("DP00900001010", "User not allowed"),
    "PAYEE_NOT_FOUND": ("DP00900001012", "Invalid Mobile Number"),
    "APPROVAL_REJECTED": ("DP00900001013", "Transaction Refused"),
    "REFUSED": ("DP00900001013", "Transaction Refused"),
    "SENDER_BARRED": ("DP00900001019", "Sender Barred"),
}
BY_KIND: Mapping[str, Codes] = {"collection": COLLECTION, "transfer": TRANSFER}


def code_of(kind: str, word: str) -> tuple[str, str]:
    """Of a reason that Airtel has no code for, the generic one."""
    codes = BY_KIND[kind]
    return codes.get(word, codes["UNSPECIFIED"])
