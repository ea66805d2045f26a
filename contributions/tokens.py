"""The follow-up link: it carries a contribution and a version, which the team can revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contributions.models import Contribution
from core.web.links import email_base_url
from core.web.signed_links import BadToken, LinkPurpose, make_token, read_token, signed_path


def _decode(value: Any) -> tuple[int, int]:
    pk, version = value
    return int(pk), int(version)


FOLLOW_UP: LinkPurpose[tuple[int, int]] = LinkPurpose(
    "contributions:follow",
    "contributions.follow-up",
    timedelta(days=400),
    encode=list,
    decode=_decode,
)


def follow_up_token(contribution: Contribution) -> str:
    """Return the token of a contribution's follow-up link."""
    return make_token(FOLLOW_UP, (contribution.pk, contribution.token_version))


def contribution_from_token(token: str) -> Contribution:
    """Return the contribution of a follow-up link.

    Raises:
        BadToken: the token is wrong, or the contribution's links were revoked since.
    """
    pk, version = read_token(FOLLOW_UP, token)
    try:
        return Contribution.objects.get(pk=pk, token_version=version)
    except Contribution.DoesNotExist as error:
        raise BadToken from error


def follow_up_url(contribution: Contribution) -> str:
    """Return the absolute address of the follow-up page, in the active language."""
    path = signed_path(FOLLOW_UP, (contribution.pk, contribution.token_version))
    return f"{email_base_url()}{path}"
