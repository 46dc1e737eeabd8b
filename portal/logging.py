"""Logs as JSON lines; what reads like a token, an address or the path of a link is masked in them."""

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LARGEST_FILE, FILES_KEPT = 10 * 1024 * 1024, 5
MASKS = (
    (re.compile(r"(/s/|/enrol/)[^\s\"'?#<>]+"), r"\1<masked>"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "<address>"),
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), "<token>"),
)


def set_up(
    name: str, *, directory: Path | None = None, to_stderr: bool = True, level: int = logging.INFO
) -> None:
    """Write JSON lines to standard error, and to `<directory>/<name>.log` where one is given."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)] if to_stderr else []
    if directory is not None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                directory / f"{name}.log", maxBytes=LARGEST_FILE, backupCount=FILES_KEPT, encoding="utf-8"
            )
        )
    shared = _shared(name)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=handlers or [logging.NullHandler()], force=True)
    for noisy in ("celery", "kombu", "amqp", "waitress", "alembic", "portal.db.InTurn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask every text of a line, however deep it lies."""
    return {key: masked(value) for key, value in event.items()}


def masked(value: Any) -> Any:
    """Give a value without tokens, addresses and paths of links."""
    if isinstance(value, str):
        for pattern, instead in MASKS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def _shared(name: str) -> list[Processor]:
    def say_who(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = name
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        say_who,
    ]
