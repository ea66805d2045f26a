import csv
from pathlib import Path

from django.db import migrations

DEPARTMENTS = Path(__file__).resolve().parents[1] / "data" / "departments.csv"


def load(apps, schema_editor):
    """Make the 18 regions and 101 departments of the Code officiel géographique."""
    Territory = apps.get_model("core", "Territory")
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    regions = {}
    for row in rows:
        if row["region_code"] not in regions:
            regions[row["region_code"]], _ = Territory.objects.get_or_create(
                code=f"R{row['region_code']}",
                defaults={"kind": "region", "name": row["region"], "zone": row["zone"]},
            )
    # Those that are there already stay as they are: the migration may be run again.
    Territory.objects.bulk_create(
        (
            Territory(
                kind="department",
                code=row["code"],
                name=row["name"],
                zone=row["zone"],
                region=regions[row["region_code"]],
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
