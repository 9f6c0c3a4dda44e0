"""No circle of backup or of higher roles, whoever writes it and however many write at once."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION escalation_refuse_role_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    circle text;
BEGIN
    -- one at a time: two halves of a circle may be written at the same instant
    PERFORM pg_advisory_xact_lock(hashtext('escalation_role_circle'));
    WITH RECURSIVE path AS (
        SELECT NEW.{column} AS id, ARRAY[NEW.id, NEW.{column}] AS seen
        WHERE NEW.{column} IS NOT NULL
        UNION ALL
        SELECT role.{column}, path.seen || role.{column}
        FROM path JOIN escalation_role AS role ON role.id = path.id
        WHERE path.id <> NEW.id AND role.{column} IS NOT NULL
          AND (role.{column} = NEW.id OR role.{column} <> ALL (path.seen))
    )
    SELECT string_agg(role.slug, ' → ' ORDER BY place) INTO circle
    FROM path, unnest(path.seen) WITH ORDINALITY AS step (id, place)
    JOIN escalation_role AS role ON role.id = step.id
    WHERE path.id = NEW.id;
    IF circle IS NOT NULL THEN
        RAISE EXCEPTION 'roles would go in a circle: %', circle USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER role_circle AFTER INSERT OR UPDATE ON escalation_role
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW EXECUTE FUNCTION escalation_refuse_role_circle();
"""


def _refusing(column: str) -> str:
    return (
        REFUSE.replace("{column}", column)
        .replace("escalation_refuse_role_circle", f"escalation_refuse_{column}_circle")
        .replace("TRIGGER role_circle", f"TRIGGER role_{column}_circle")
    )


class Migration(migrations.Migration):
    dependencies = [("escalation", "0002_record")]
    operations = [
        migrations.RunSQL(_refusing(column), migrations.RunSQL.noop)
        for column in ("higher_role_id", "backup_role_id")
    ]
