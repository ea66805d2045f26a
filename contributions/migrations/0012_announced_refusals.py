"""When the refusal of a file was announced to its partner: those of before were not, and are not."""

from django.db import migrations, models
from django.utils import timezone


def pass_over_old_refusals(apps, schema_editor):
    rows = apps.get_model("contributions", "ContributionFile").objects
    rows.filter(state="refused").update(announced_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0011_files_in_verification"),
    ]

    operations = [
        migrations.AddField(
            model_name="contributionfile",
            name="announced_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="refus annoncé le"),
        ),
        migrations.RunPython(pass_over_old_refusals, migrations.RunPython.noop),
    ]
