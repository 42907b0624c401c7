"""MTN MoMo Open API: collections (PROVIDERS.md section 1)."""
