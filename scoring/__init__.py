"""The inner ring: arithmetic on arrays and frozen dataclasses. No input, output, clock or database."""
