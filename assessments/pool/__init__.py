"""The pool of the suppliers' answers: read at the start of a month, and what its own members may see."""
