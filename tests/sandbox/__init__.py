"""The simulated services by themselves."""
