"""Accounts and groups: managed without being a superuser, and never above one's own rights."""
