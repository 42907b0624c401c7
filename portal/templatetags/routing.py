"""Routing rules and providers as the routing pages say them."""

from django import template

from portal.routing_words import rule_words
from portal.words import network

register = template.Library()
register.filter("rule_words", rule_words)


@register.filter
def or_nobody(provider: str) -> str:
    return network(provider) if provider else "nobody"
