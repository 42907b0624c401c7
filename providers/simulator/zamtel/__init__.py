"""Zamtel Money as public code of Zambian integrators shows it: it answers an order with what became of the money.

Zamtel publishes no documentation. Where nothing is known, such as what it says to one conversation id twice, this
network does what brings our own mistakes to light.
"""
