"""What scheduled runs let people and monitoring services know: mail, pings, and what was said."""
