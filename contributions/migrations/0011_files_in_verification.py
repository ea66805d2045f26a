"""Files in verification, and why each is refused: until now the antivirus alone did, later."""

from django.db import migrations, models


def name_refusals(apps, schema_editor):
    rows = apps.get_model("contributions", "ContributionFile").objects
    rows.filter(state="refused").update(refusal="infected")


def refuse_what_was_not_inspected(apps, schema_editor):
    """Leave nothing that the release before would take for inspected."""
    rows = apps.get_model("contributions", "ContributionFile").objects
    rows.filter(state="checking").update(state="refused", verdict="not inspected")


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0010_checked_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="contributionfile",
            name="received_sha256",
            field=models.CharField(
                blank=True,
                editable=False,
                max_length=64,
                verbose_name="empreinte à l'arrivée",
            ),
        ),
        migrations.AddField(
            model_name="contributionfile",
            name="refusal",
            field=models.CharField(
                blank=True,
                help_text="De celles de contributions.files.REASONS.",
                max_length=20,
                verbose_name="raison du refus",
            ),
        ),
        migrations.AlterField(
            model_name="contributionfile",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "En vérification"),
                    ("received", "Reçu, pas encore analysé"),
                    ("scanning", "Analyse en cours"),
                    ("clean", "Contrôlé"),
                    ("refused", "Refusé"),
                    ("quarantined", "En quarantaine\xa0: l'antivirus ne répond pas"),
                ],
                db_index=True,
                default="checking",
                max_length=11,
                verbose_name="état",
            ),
        ),
        migrations.RunPython(name_refusals, refuse_what_was_not_inspected),
    ]
