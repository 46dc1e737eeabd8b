"""Tests of the pages, as a visitor meets them."""
