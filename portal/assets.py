"""Style sheets, scripts, pictures: an address carries the file's own mark and can be kept for a year."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

MARK = "v"
MARK_LETTERS = 12
KEPT_FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Mark the addresses of static files; what is asked for without its mark is asked about each time."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = None
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def _mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values[MARK] = _mark_of(folder / values["filename"])

    @app.after_request
    def _keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            known = _mark_of(folder / (request.view_args or {})["filename"])
            if request.args.get(MARK) == known:
                response.headers["Cache-Control"] = KEPT_FOR_A_YEAR
        return response


@cache
def _mark_of(path: Path) -> str | None:
    """Give the first letters of a file's SHA-256; a file changes only with a release, thus a new process."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:MARK_LETTERS]
    except OSError:
        return None
