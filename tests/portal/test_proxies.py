"""Where a visitor comes from: the connection itself, or what trusted proxies say."""

from dataclasses import replace

import pytest
from flask import request

from assessments.models import Organisation
from portal.app import create_app
from portal.db import Database
from portal.settings import Settings, SettingsRefused, from_environment

INVENTED, VISITOR, PROXY = "198.51.100.66", "203.0.113.7", "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, PROXY), (1, VISITOR), (2, INVENTED)], ids=["none", "one", "two"]
)
def test_only_as_many_proxies_are_believed_as_there_are(
    settings: Settings, database: Database, buyer: Organisation, proxies: int, seen: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies), database)
    came_from: list[str | None] = []
    app.before_request(lambda: came_from.append(request.remote_addr))

    app.test_client().get(
        "/livez",
        headers={"X-Forwarded-For": f"{INVENTED}, {VISITOR}"},
        environ_overrides={"REMOTE_ADDR": PROXY},
    )

    assert came_from == [seen]


@pytest.mark.parametrize("given", ["-1", "10", "yes"])
def test_a_number_of_proxies_that_is_none_is_refused(tmp_path: object, given: str) -> None:
    with pytest.raises(SettingsRefused, match="SANPO_TRUSTED_PROXIES"):
        from_environment({"SANPO_DATA_DIR": str(tmp_path), "SANPO_TRUSTED_PROXIES": given})
