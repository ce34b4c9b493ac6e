"""The demo shop: the same small business as it looks in each service."""
