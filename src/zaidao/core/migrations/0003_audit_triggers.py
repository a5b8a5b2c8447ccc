"""Audit rows can be added and read, nothing else."""

from django.db import migrations

from zaidao.core import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_living_system'),
    ]

    operations = [
        migrations.RunPython(install, remove, elidable=False),
    ]
