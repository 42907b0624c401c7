"""One JSON object a line on standard error, for our own events and every library's; secrets never reach the sink."""

import json
import logging
import logging.config
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from deploy.redaction import redact_named

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
OURS = frozenset({"timestamp", "level", "logger"})  # set below, whatever the event says


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that leaves nothing secret, and nothing but what JSON has."""
    return {name: value if name in OURS else redact_named(name, value) for name, value in event.items()}


def render(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """A structlog processor: one JSON object."""
    try:
        return orjson.dumps(event).decode()
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits
        return json.dumps(event)


def configure_logging(level: str) -> None:
    """Route structlog and the standard library through the same processors. level: one of LEVELS."""
    # What no line of ours tells is not looked up for each (Logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        redact,
                        render,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Django repeats each 4xx that the request log already has.
                "django.request": {"level": "ERROR"},
                # Without a handler of its own, the consumer would add one that speaks no JSON; each ring is no news.
                "huey": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            },
        }
    )
