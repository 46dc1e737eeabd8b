"""Fixtures of the whole suite come from the plugins named here."""

pytest_plugins = ["tests.fixtures_servers", "tests.fixtures_app", "tests.journeys.running"]
