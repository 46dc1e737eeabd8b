"""Static files are kept for a year under an address of their own, and asked about under any other."""

from flask import Flask, url_for
from flask.testing import FlaskClient

SHEET = "css/theme.css"


def _address(app: Flask, filename: str = SHEET) -> str:
    with app.test_request_context():
        return url_for("static", filename=filename)


def _cache(client: FlaskClient, address: str) -> str:
    with client.get(address) as answer:
        assert answer.status_code == 200
        return answer.headers["Cache-Control"]


def test_an_address_carries_the_mark_of_the_file(app: Flask) -> None:
    assert _address(app) != _address(app, "css/base.css").replace("base", "theme")
    assert _cache(app.test_client(), _address(app)) == "public, max-age=31536000, immutable"


def test_another_mark_or_none_is_asked_about_each_time(app: Flask) -> None:
    client = app.test_client()

    for address in (f"/static/{SHEET}", f"/static/{SHEET}?v=000000000000"):
        assert _cache(client, address) == "no-cache"


def test_what_is_asked_about_and_has_not_changed_is_not_sent_again(app: Flask) -> None:
    client = app.test_client()
    with client.get(f"/static/{SHEET}") as first:
        mark = first.headers["ETag"]

    with client.get(f"/static/{SHEET}", headers={"If-None-Match": mark}) as second:
        assert (second.status_code, second.data) == (304, b"")


def test_a_file_that_is_not_there_is_404_and_never_kept(app: Flask) -> None:
    with app.test_client().get(_address(app, "css/none.css")) as answer:
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")
