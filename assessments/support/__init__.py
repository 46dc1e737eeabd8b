"""Plans for the buyer's own support budget: asking for one, reckoning it, and reading what came out."""
