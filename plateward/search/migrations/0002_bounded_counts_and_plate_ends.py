"""Let a count be bounded, and let the index of partial plates know where a plate begins and ends.

With `^` before and `$` after it, a plate's first and last characters are pairs of their own, so that
`7??B?3?` and `*123` narrow the candidates too. The function must agree with `plates.bigrams`.
"""

from django.db import migrations, models

ENDS = """
DROP INDEX read_plate_bigrams;
CREATE OR REPLACE FUNCTION plateward_bigrams(plate text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(
        SELECT DISTINCT substr('^' || plate || '$', i, 2) FROM generate_series(1, length(plate) + 1) AS i
    );
CREATE INDEX read_plate_bigrams ON reads_read USING gin (plateward_bigrams(plate));
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial"), ("reads", "0002_partitioned_reads")]

    operations = [
        migrations.AddField(
            model_name="search",
            name="is_count_bounded",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(sql=ENDS),
    ]
