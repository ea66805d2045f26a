"""The directory of the demonstration and its structures, each loaded once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.conf import settings

from home.models import HomePage
from network.demo import identifiers_in, load_structures, make_directory
from network.models import DirectoryPage
from pare.demo.load_log import LoadLog

TABLE = Path(__file__).parent / "structures.csv"
SECTION = ("page", "reseau")
KIND = "structure"


def load_network() -> Counter[str]:
    """Load what was never loaded, in the caller's transaction.

    Returns:
        How many pages and structures were made.
    """
    load_log = LoadLog([SECTION, *((KIND, key) for key in identifiers_in(TABLE))])
    made: Counter[str] = Counter()
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    if home and not load_log.has(*SECTION) and not DirectoryPage.objects.child_of(home).exists():
        load_log.add(*SECTION, make_directory(home))
        made["page"] += 1
    for structure in load_structures(TABLE, but=load_log.ids(KIND)):
        load_log.add(KIND, structure.external_id, structure)
        made[KIND] += 1
    return made
