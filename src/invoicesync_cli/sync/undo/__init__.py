"""Taking back what was sent, and approving what was drafted."""
