"""A merchant: one row here, one PostgreSQL schema of its own."""

from django.db import models
from django.db.models import Q
from django_tenants.models import TenantMixin


class Tenant(TenantMixin):
    """A merchant. `schema_name` is derived from `public_id`, never from anything a person typed."""

    # Provisioning decides when the schema is made (tenants/provisioning.py), and never copies rows from the template.
    auto_create_schema = False
    clone_mode = "NODATA"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    public_id = models.CharField(max_length=8, unique=True, editable=False)
    country = models.CharField(max_length=2, default="ZM")
    throttle_limit = models.PositiveIntegerField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z][a-z0-9-]{1,39}$"), name="tenant_slug_shape"),
            models.CheckConstraint(condition=Q(public_id__regex=r"^[a-z0-9]{8}$"), name="tenant_public_id_shape"),
            models.CheckConstraint(condition=Q(schema_name__regex=r"^m_[a-z0-9]{8}$"), name="tenant_schema_name_shape"),
        ]

    def __str__(self) -> str:
        return self.name
