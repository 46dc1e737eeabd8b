"""Migrations, one purpose each, in sequence."""
