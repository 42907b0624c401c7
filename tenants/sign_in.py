"""How allauth behaves here: nobody signs up alone, and a signed-in person lands where the path says."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tenants.client_ip import client_ip


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited by a merchant's owner or by platform staff."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that everything else counts by; allauth alone would see the proxy's for everybody."""
        return client_ip(request)
