"""The whole path in a real browser, against the real processes."""
