"""MTN's magic numbers under the name by which the documentation reads them."""

from providers.simulator.mtn.scenarios import COLLECTIONS, REFUNDS, TRANSFERS, Scenarios

__all__ = ["COLLECTIONS", "REFUNDS", "TRANSFERS", "Scenarios"]
