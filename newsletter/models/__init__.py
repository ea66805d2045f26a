from newsletter.models.deliveries import Delivery, Mailing
from newsletter.models.issues import NewsletterIndexPage, NewsletterIssuePage
from newsletter.models.subscribers import (
    Consent,
    ExportLog,
    Segment,
    Subscriber,
    Suppression,
)

__all__ = [
    "Consent",
    "Delivery",
    "ExportLog",
    "Mailing",
    "NewsletterIndexPage",
    "NewsletterIssuePage",
    "Segment",
    "Subscriber",
    "Suppression",
]
