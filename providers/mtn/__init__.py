"""MTN MoMo Open API: collections, transfers and refunds (PROVIDERS.md section 1)."""
