"""The client and the sandbox held against what the vendors and others have written."""
