"""How long imported tables are kept, and their end."""

from __future__ import annotations

from datetime import datetime, timedelta

from network.models import StructureExport, StructureImport

IMPORTS_FOR = timedelta(days=30)
"""How long the file of an import is kept: to look up what a table had."""
EXPORTS_FOR = timedelta(days=3 * 365)
"""How long it is known who took which addresses."""


def delete_exports(before: datetime) -> int:
    """Delete the record of exports of before a moment."""
    return StructureExport.objects.filter(exported_at__lt=before).delete()[0]


def delete_import_files(before: datetime) -> int:
    """Delete the files that were received before a moment, and imports never applied."""
    old = StructureImport.objects.filter(created_at__lt=before).exclude(file="")
    count = 0
    for each in old:
        delete_import_file(each)
        count += 1
    return count


def delete_import_file(imported: StructureImport) -> None:
    """Delete the file of an import; its row stays where it was applied."""
    storage, name = imported.file.storage, imported.file.name
    if imported.state == StructureImport.State.APPLIED:
        StructureImport.objects.filter(pk=imported.pk).update(file="")
    else:
        imported.delete()
    if name:
        storage.delete(name)
