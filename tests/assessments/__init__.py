"""Tests of the middle ring: records, rules and content."""
