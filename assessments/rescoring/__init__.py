"""Scoring anew what was submitted, by what holds now: comparing, writing new snapshots, telling who moved."""
