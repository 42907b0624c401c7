"""Whether a message carries what only the provider can know: our signed address, and its hash where it has one."""

from payments.accounts import open_account
from payments.callback_urls import is_signed_by_us
from payments.models import ProviderAccount
from payments.sealing import Unsealable
from providers.base import CallbackProof
from providers.registry import get_provider
from tenants.current import current_tenant

NOT_OUR_ADDRESS = "Its address does not carry our signature. Nothing was changed."
HASH_MISFITS = "Its hash does not fit the callback secret of this account. The provider is asked instead."
SEALED_SHUT = (
    "Its hash cannot be checked: the credentials of this account cannot be opened. The provider is asked instead."
)


def doubt_about(*, provider: str, place: str, signature: str, body: bytes) -> str:
    """Why a message to the current merchant is not believed, for people; "" where a look-up may decide."""
    if not is_signed_by_us(signature, provider=provider, merchant=current_tenant().public_id, place=place):
        return NOT_OUR_ADDRESS
    account = ProviderAccount.objects.filter(pk=place, provider=provider).first()
    if account is None:
        return ""  # an operation's own address
    try:
        credentials = open_account(account).credentials
    except Unsealable:
        return SEALED_SHUT
    proof = get_provider(provider).prove_callback(credentials, body)
    return HASH_MISFITS if proof == CallbackProof.MISFITS else ""
