from django.db import migrations, models


class Migration(migrations.Migration):
    """The attribute takes the field's word; the column keeps its name, and the database is as it was."""

    dependencies = [("contributions", "0004_language")]

    operations = [
        migrations.AlterField(
            "version", "said", models.JSONField(db_column="said", verbose_name="contenu")
        ),
        migrations.RenameField("version", "said", "content"),
    ]
