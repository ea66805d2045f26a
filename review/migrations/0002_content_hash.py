from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [
        migrations.AddField(
            "reviewstate",
            "content_hash",
            models.CharField(
                "empreinte de ce qui est approuvé", max_length=64, blank=True, db_index=True
            ),
        ),
    ]
