"""One rule for when two e-mail addresses are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.email_addresses import normalize_email
from newsletter.models.subscribers import digest_of

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "contributions",
    "core",
    "events",
    "home",
    "network",
    "newsletter",
    "review",
    "search",
    "site",
)
BY_HAND = re.compile(r"mail\w*(?:\[[^]]*\]|\([^)]*\))*\W*\.(?:lower|casefold|strip)\(")


@pytest.mark.parametrize(
    "address", ["camille@example.org", " Camille@Example.ORG ", "\tCAMILLE@example.org\n"]
)
def test_capitals_and_spaces_make_no_other_address(address: str) -> None:
    assert normalize_email(address) == "camille@example.org"
    assert digest_of(address) == digest_of("camille@example.org")


def test_no_other_module_has_a_rule_of_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_HAND.search(line)
    ]

    assert BY_HAND.search('email = self.cleaned_data["email"].strip().lower()')
    assert found == []
