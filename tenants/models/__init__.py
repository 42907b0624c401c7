"""The public schema: what merchants share, and nothing that a merchant owns."""

from tenants.models.circuit import Circuit
from tenants.models.job import Heartbeat, Job, RateWindow
from tenants.models.people import Membership, User
from tenants.models.tenant import Tenant

__all__ = ["Circuit", "Heartbeat", "Job", "Membership", "RateWindow", "Tenant", "User"]
