"""Creates a merchant with its schema and its owner."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django_tenants.utils import tenant_context

from payments import audit
from payments.management.arguments import operator
from tenants.management.json_command import JsonCommand
from tenants.models import Tenant, User
from tenants.provisioning import create_merchant

SLUG_RULE = "{} cannot be a slug: 2 to 40 small letters, digits and hyphens, beginning with a letter."


class Command(JsonCommand):
    help = "Create a merchant, its database schema and its owner."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="in addresses: /m/<slug>/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-password", help="for a new owner; one is made up and printed when left out")
        parser.add_argument("--country", default="ZM")

    def run(self, **options: Any) -> dict[str, Any]:
        email, password = options["owner_email"].lower(), options["owner_password"]
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        self._check(options)
        is_new_user = not User.objects.filter(email__iexact=email).exists()
        if not is_new_user and password:
            raise CommandError(f"{email} has an account already; leave --owner-password out.")
        if is_new_user and not password:
            password = secrets.token_urlsafe(15)
        tenant, owner = self._create(options, email, password)
        result: dict[str, Any] = {"slug": tenant.slug, "schema": tenant.schema_name, "owner": {"email": owner.email}}
        if is_new_user:
            result["owner"]["password"] = password
        return result

    def _check(self, options: dict[str, Any]) -> None:
        """What the table would refuse, in words."""
        merchant = Tenant(slug=options["slug"], name=options["name"], country=options["country"])
        try:
            merchant.clean_fields(exclude={"schema_name", "public_id"})
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            if field == "slug":
                raise CommandError(SLUG_RULE.format(options["slug"])) from error
            raise CommandError(f"--{field}: {messages[0]}") from error

    def _create(self, options: dict[str, Any], email: str, password: str | None) -> tuple[Tenant, User]:
        slug = options["slug"]
        try:
            with transaction.atomic():
                tenant, owner = create_merchant(
                    slug=slug,
                    name=options["name"],
                    owner_email=email,
                    owner_password=password,
                    country=options["country"],
                )
                with tenant_context(tenant):
                    audit.record(actor=operator(), action="merchant.created", target=slug, after={"owner": owner.email})
        except IntegrityError as error:
            if Tenant.objects.filter(slug=slug).exists():
                raise CommandError(f"There is a merchant {slug} already.") from error
            raise CommandError(SLUG_RULE.format(slug)) from error
        return tenant, owner
