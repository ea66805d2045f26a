"""The names of files that come in: what is shown of them, and those that are refused."""

from __future__ import annotations

import re
import unicodedata

from contributions.inspection import FileRejected
from core.slugs import make_slug

# Never in a name, even before another extension: some programs look at the first.
DANGEROUS = frozenset(
    """
    ade adp apk app appx asp aspx bat bin cab chm class cmd com cpl dll dmg docm dotm exe
    gadget hta htm html inf ins iso jar js jse jsp lnk mht mhtml msc msi msp mst pif php
    phar phtml pl potm ppam pps ppsm pptm ps1 py reg scr sct sh shs svg svgz swf sys url
    vb vbe vbs ws wsc wsf wsh xht xhtml xlam xll xlsb xlsm xltm xml xsl
    """.split()  # noqa: SIM905 (as a list it would take sixty lines)
)


def shown_name(name: str) -> str:
    """Return a name without paths, controls and marks that turn the direction of writing."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    return " ".join(unicodedata.normalize("NFC", kept).split())[:100]


def extension_of(name: str) -> str:
    """Return what a name ends with, lower case, or nothing."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower().strip() if dot and stem else ""


def check_name(name: str) -> str:
    """Return the name to show.

    Raises:
        FileRejected: one of its parts is the extension of something that runs.
    """
    shown = shown_name(name)
    parts = [re.sub(r"\W", "", part.lower()) for part in shown.split(".")[1:]]
    if DANGEROUS & set(parts):
        raise FileRejected("name", shown)
    return shown


def safe_name(name: str, extension: str) -> str:
    """Return a name to keep and to download under, with the extension of its content."""
    stem = shown_name(name).split(".")[0]
    return f"{make_slug(stem, max_length=80, ascii_only=True) or 'fichier'}.{extension}"
