"""A file of answers, scored without a register: read and checked as a whole, then one record a supplier."""
