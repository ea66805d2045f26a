"""Advice on the words of a draft: it explains and points at the words, and refuses nothing."""
