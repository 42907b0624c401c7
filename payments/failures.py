"""The failure codes merchants see, the same for every provider, with what each means and who must act."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    title: str
    meaning: str
    who_acts: str  # payer, merchant, provider or us


FAILURES: dict[str, Failure] = {
    "payer_not_found": Failure("No wallet", "The number has no mobile-money wallet at this network.", "payer"),
    "payer_barred": Failure("Wallet blocked", "The payer's wallet is blocked or was never activated.", "payer"),
    "insufficient_funds": Failure("Not enough money", "The payer's wallet did not hold the amount.", "payer"),
    "limit_reached": Failure("Limit reached", "A daily, monthly or wallet limit would have been exceeded.", "payer"),
    "payer_declined": Failure("Declined", "The payer said no to the prompt on the phone.", "payer"),
    "payer_timeout": Failure("No answer", "The payer did not enter the PIN in time.", "payer"),
    "wrong_pin": Failure("Wrong PIN", "The payer entered a wrong PIN.", "payer"),
    "amount_out_of_range": Failure("Amount refused", "The network does not allow this amount.", "merchant"),
    "currency_not_supported": Failure("Currency refused", "The account cannot collect this currency.", "merchant"),
    "merchant_funds_insufficient": Failure("Float empty", "Your own wallet did not hold the amount.", "merchant"),
    "credentials_rejected": Failure("Account refused", "The provider refused the account's credentials.", "merchant"),
    "provider_rejected": Failure("Refused by the provider", "The provider refused the request.", "merchant"),
    "provider_error": Failure("Provider trouble", "The provider failed to process the payment.", "provider"),
    "unspecified": Failure("No reason given", "The provider ended the payment without a reason.", "provider"),
}
