"""Airtel Money Open API, Zambia: collections, refunds and disbursements (PROVIDERS.md section 2)."""
