"""What things cost on this machine, beside the smallest form of the same work; nothing asserts a time."""
