"""What goes over the wire: clients, rate limits, answers, recordings."""
