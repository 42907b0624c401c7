"""How allauth behaves here: nobody signs up alone, and a signed-in person lands where the path says."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited by a merchant's owner or by platform staff."""
        return False
