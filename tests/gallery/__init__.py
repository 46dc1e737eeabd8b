"""Every macro, script and error page with invented content, looked at in a real browser."""
