"""What the review announces to the apps above it."""

from django.dispatch import Signal

review_approved = Signal()
"""Sent once every step of a review is approved, in its transaction.

Sender: the class of the content. Arguments: ``instance``, the content as it is on the site;
``revision``, the approved revision; ``approvers``, the users who approved it, in their order.
"""
review_restarted = Signal()
"""Sent when an edit takes a review back to its first step.

Sender: the class of the content. Arguments: ``instance``; ``workflow_state``; ``user``, who
edited, or ``None``.
"""
