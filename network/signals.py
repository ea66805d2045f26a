"""The signals of the network."""

from django.dispatch import Signal

structures_imported = Signal()
"""Sent once for each import, in its transaction, in the place of Wagtail's signals for each row.

Arguments: ``keys`` of the structures written; ``is_published``, false where they became drafts.
"""
