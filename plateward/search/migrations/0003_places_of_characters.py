"""Index each character with its place, so that scattered ones (`7??B?3?`) narrow a search as neighbors do.

The function must agree with `plates.grams`.
"""

from django.db import migrations

GRAMS = """
DROP INDEX read_plate_bigrams;
DROP FUNCTION plateward_bigrams(text);
CREATE FUNCTION plateward_grams(plate text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(
        SELECT substr(plate || '$', i, 2) FROM generate_series(1, length(plate)) AS i
        UNION
        SELECT chr(96 + i) || substr(plate, i, 1) FROM generate_series(1, length(plate)) AS i
    );
CREATE INDEX read_plate_grams ON reads_read USING gin (plateward_grams(plate));
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0002_bounded_counts_and_plate_ends")]

    operations = [migrations.RunSQL(sql=GRAMS)]
