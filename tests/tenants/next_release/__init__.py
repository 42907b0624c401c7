"""The migrations of payments and one more: MIGRATION_MODULES names this to play the next release."""

import payments.migrations

__path__ = [*payments.migrations.__path__, *(place for place in __path__ if place not in payments.migrations.__path__)]
