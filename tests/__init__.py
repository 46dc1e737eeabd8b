"""Tests and the tools of the repository."""
