"""The follow-up link: signed, with an end, and turned off when the team says so."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from contributions.models import Contribution
from core.links import mail_origin

SALT = "contributions.follow-up"
AGE = timedelta(days=400)


class BadToken(Exception):
    """The link is not ours, is cut, was turned off, or has come to its end."""


def make_token(contribution: Contribution) -> str:
    """Return what stands for a contribution in a link."""
    return signing.dumps([contribution.pk, contribution.token_version], salt=SALT)


def read_token(token: str) -> Contribution:
    """Return the contribution that a link stands for.

    Raises:
        BadToken: it can't be trusted any more, or never could.
    """
    try:
        key, version = signing.loads(token, salt=SALT, max_age=AGE)
        return Contribution.objects.get(pk=int(key), token_version=int(version))
    except (signing.BadSignature, ValueError, TypeError, Contribution.DoesNotExist) as error:
        raise BadToken from error


def link_to(contribution: Contribution) -> str:
    """Return the address of the follow-up page."""
    return f"{mail_origin()}{reverse('contributions:follow', args=[make_token(contribution)])}"
