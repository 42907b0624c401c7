"""Zamtel Money: collections and payouts that answer at once and can never be asked about (PROVIDERS.md section 3).

Zamtel publishes no description of its API. All that stands here is known only from the public code of Zambian
integrators, partly from a single one of them; README.md tells what is known, what is assumed and what to check
with the pack that Zamtel gives to its partners. Hence names, paths and codes are tables at the top of a file:
`shape_a.py`, `shape_b.py`, `codes.py`.
"""
