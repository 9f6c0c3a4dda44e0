"""What cases are searched by: one way to make words of a text, of the cases as of what is typed."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

# PostgreSQL's own parser takes "W88/2" for a path and "2026-11-20" for negative numbers, reads a
# sentence without spaces as one word, and knows no punctuation but ASCII's where the locale is C. So
# it is only ever given plain words: lower case, without accents, split at every sign, and each
# character of a script that is written without spaces by itself (a word of several is then a phrase).
FUNCTIONS = r"""
CREATE FUNCTION escalation_words(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(
    lower(normalize(given, NFKD)),
    -- accents, Arabic vowels and stretching, what has no width
    '[\u0300-\u036f\u0640\u064b-\u065f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]', '', 'g'),
    -- signs and spaces
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u060c\u061b\u061f\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u3030]+', ' ', 'g'),
    -- Thai, Lao, Burmese, Khmer, Japanese, Chinese
    '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30ff\u3400-\u9fff\U00020000-\U0003ffff])', ' \1 ', 'g')
$$;

-- the texts and numbers anywhere in a JSON value, without its keys
CREATE FUNCTION escalation_scalars(given jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT string_agg(one #>> '{}', ' ')
FROM jsonb_path_query(given, 'strict $.** ? (@.type() == "string" || @.type() == "number")') AS one
$$;

-- what the steps of a case say, but for those of the kinds withheld; no further step once it is long
CREATE FUNCTION escalation_said(given uuid, withheld text[], longest integer) RETURNS text
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    said text[] := '{}';
    words text;
BEGIN
    FOR words IN
        SELECT concat_ws(' ', name, body->>'text', body #>> '{attachment,file_name}',
            escalation_scalars(body->'input'), escalation_scalars(body->'output'))
        FROM escalation_evidence WHERE case_id = given AND kind <> ALL (withheld) ORDER BY position
    LOOP
        said := said || words;
        longest := longest - length(words) - 1;
        EXIT WHEN longest <= 0;
    END LOOP;
    RETURN array_to_string(said, ' ');
END $$;
"""
UNDO = """
DROP FUNCTION escalation_said(uuid, text[], integer);
DROP FUNCTION escalation_scalars(jsonb);
DROP FUNCTION escalation_words(text);
"""


class Migration(migrations.Migration):
    dependencies = [("escalation", "0003_role_circles")]
    operations = [TrigramExtension(), migrations.RunSQL(FUNCTIONS, UNDO)]
