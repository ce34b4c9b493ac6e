"""What tests share: builders, and services that fail on purpose."""
