"""What the review announces to the apps above it."""

from django.dispatch import Signal

review_approved = Signal()
"""Sent once every step of a review is approved, in its transaction, before anything is published.

Sender: the class of the content. Arguments: ``instance``, the content as it is on the site;
``revision``, the approved revision; ``workflow_state``; ``approvers``, the users who approved it,
in their order.
"""
review_restarted = Signal()
"""Sent when an edit takes a review back to its first step.

Sender: the class of the content. Arguments: ``workflow_state``; ``voided``, the steps whose
approvals count no more; ``user``, who edited, or ``None``.
"""
