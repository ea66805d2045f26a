"""Write what French needs in a catalogue, though the texts are French: part of ``make messages``.

Its plural forms: without a catalogue gettext takes « 0 places » for a plural, which is English.
What others wrote in English, or not well, stays below, as it was written by hand.
"""

import sys
from pathlib import Path

import polib

LOCALES = Path(__file__).resolve().parents[1] / "locale"
FRENCH = LOCALES / "fr" / "LC_MESSAGES" / "django.po"
ENGLISH = LOCALES / "en" / "LC_MESSAGES" / "django.po"


def build(english: polib.POFile, french: polib.POFile) -> polib.POFile:
    """Return the French catalogue.

    Args:
        english: the English one, which has every text of ours.
        french: the one that is there, for what was written by hand.
    """
    built = polib.POFile(wrapwidth=78)
    built.metadata = {
        "Project-Id-Version": "PARÉ",
        "Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    for entry in english:
        if entry.msgid_plural and not entry.obsolete:
            built.append(
                polib.POEntry(
                    msgid=entry.msgid,
                    msgid_plural=entry.msgid_plural,
                    msgctxt=entry.msgctxt,
                    msgstr_plural={0: entry.msgid, 1: entry.msgid_plural},
                    flags=entry.flags,
                )
            )
    ours = {entry.msgid for entry in english if entry.msgid_plural}
    built.extend(entry for entry in french if entry.msgid not in ours)
    return built


def main() -> int:
    """Write the French catalogue."""
    build(polib.pofile(str(ENGLISH)), polib.pofile(str(FRENCH))).save(str(FRENCH))
    return 0


if __name__ == "__main__":
    sys.exit(main())
