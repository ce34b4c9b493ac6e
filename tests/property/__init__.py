"""Properties of the rules, held against orders that nobody thought of."""
