"""What the tool costs: calls, time, memory, on the sandbox. `python -m bench` measures it."""
