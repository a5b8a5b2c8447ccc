"""What finds the tokens of search entries."""

from django.db import migrations

from zaidao.core import fulltext


def install(apps, schema_editor):
    fulltext.install(schema_editor.connection)


def remove(apps, schema_editor):
    fulltext.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_search_and_burden'),
    ]

    operations = [
        migrations.RunPython(install, remove, elidable=False),
    ]
