"""Whether the documentation tells the truth."""
