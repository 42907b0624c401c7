"""How well each provider account serves the merchant, measured by the merchant's own traffic."""
