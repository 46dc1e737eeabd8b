"""Tests of the arithmetic, against hand-worked cases and a naive reference."""
