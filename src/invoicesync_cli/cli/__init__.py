"""What a user types: one file per command group; a function parses, calls and renders."""
