"""The parts of the pipeline, and the rules through all of it."""
