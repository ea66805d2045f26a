"""The screens of the figures."""
