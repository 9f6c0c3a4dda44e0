"""What the database itself refuses, whoever asks: changing the record; and whom it tells."""

from django.db import migrations

ADD_ONLY = ["package", "evidence", "firing", "option", "decision", "answer", "resumption", "event",
            "hoursversion", "terms", "opening", "comment", "content", "contentpart"]
NEVER_DELETED = ["case", "disclosure", "handoff", "delivery", "clock", "pause"]
# Rows that only end, once, and the columns in which that is written.
ENDING = {
    "release": ("ended_at", ["ended_at", "end"]),
    "opinionrequest": ("opinion_id", ["opinion_id"]),
    "needless": ("taken_back_at", ["taken_back_at"]),
    "snooze": ("ended_at", ["ended_at"]),
    "incident": ("closed_at", ["closed_by_id", "closed_at", "conclusion"]),
}

FUNCTIONS = """
CREATE FUNCTION escalation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is only added to: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION escalation_keep_disclosure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.event_id, NEW.name) IS DISTINCT FROM (OLD.id, OLD.event_id, OLD.name)
       OR NEW.salt IS NOT NULL OR NEW.value IS NOT NULL THEN
        RAISE EXCEPTION 'a private value can only be erased'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION escalation_keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
       OR (NEW.id, NEW.case_id, NEW.role_id, NEW.user_id, NEW.reason, NEW.note, NEW.started_at,
           NEW.due_at, NEW.hours_id)
          IS DISTINCT FROM
          (OLD.id, OLD.case_id, OLD.role_id, OLD.user_id, OLD.reason, OLD.note, OLD.started_at,
           OLD.due_at, OLD.hours_id)
       OR (OLD.seen_at IS NOT NULL AND (NEW.seen_at, NEW.seen_by_id, NEW.seen_digest)
           IS DISTINCT FROM (OLD.seen_at, OLD.seen_by_id, OLD.seen_digest))
       OR (OLD.claimed_at IS NOT NULL AND NEW.claimed_at IS DISTINCT FROM OLD.claimed_at) THEN
        RAISE EXCEPTION 'a handoff is seen, claimed and ended, each once'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION escalation_keep_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.case_id, NEW.decision_id, NEW.type, NEW.webhook_id, NEW.url, NEW.body,
        NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.case_id, OLD.decision_id, OLD.type, OLD.webhook_id, OLD.url, OLD.body,
        OLD.created_at) THEN
        RAISE EXCEPTION 'what an agent is told is never changed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION escalation_keep_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changing CONSTANT text[] := ARRAY['status', 'role_id', 'digest', 'version', 'due_at', 'ended_at',
                                      'decided_at', 'stakes', 'approvals', 'terms_id', 'release_at',
                                      'moves_money'];
    ranks CONSTANT text[] := ARRAY['low', 'medium', 'high', 'critical'];
BEGIN
    IF to_jsonb(NEW) - changing IS DISTINCT FROM to_jsonb(OLD) - changing
       OR array_position(ranks, NEW.stakes::text) < array_position(ranks, OLD.stakes::text)
       OR NEW.approvals < OLD.approvals
       OR (OLD.moves_money AND NOT NEW.moves_money)
       OR (OLD.terms_id IS NOT NULL AND NEW.terms_id IS DISTINCT FROM OLD.terms_id)
       OR (OLD.status IN ('decided', 'withdrawn') AND NEW.status <> OLD.status) THEN
        RAISE EXCEPTION 'a case keeps what it was opened with, and its end'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION escalation_keep_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changing CONSTANT text[] := ARRAY['due_at', 'warned', 'stopped_at', 'breached_at'];
BEGIN
    IF to_jsonb(NEW) - changing IS DISTINCT FROM to_jsonb(OLD) - changing
       OR NEW.warned < OLD.warned
       OR (OLD.breached_at IS NOT NULL AND NEW.breached_at IS DISTINCT FROM OLD.breached_at)
       OR (OLD.stopped_at IS NOT NULL AND NEW.stopped_at IS DISTINCT FROM OLD.stopped_at) THEN
        RAISE EXCEPTION 'a clock is breached once, and stopped once'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION escalation_keep_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
       OR to_jsonb(NEW) - 'ended_at' IS DISTINCT FROM to_jsonb(OLD) - 'ended_at' THEN
        RAISE EXCEPTION 'a pause can only be ended, once'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- what only ends does so once: TG_ARGV names the column that tells, then all that then change
CREATE FUNCTION escalation_keep_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) ->> TG_ARGV[0] IS NOT NULL
       OR to_jsonb(NEW) - TG_ARGV[1:] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV[1:] THEN
        RAISE EXCEPTION '% only ends, once', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- a boundary case that nobody answers is denied, whatever a chain says
CREATE FUNCTION escalation_deny_boundary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fallback = 'do_nothing' AND EXISTS (
        SELECT FROM escalation_firing WHERE case_id = NEW.case_id AND type = 'boundary') THEN
        RAISE EXCEPTION 'a boundary case ends in hold or deny'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- what takes several people is not decided by fewer
CREATE FUNCTION escalation_count_answers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted CONSTANT int := (SELECT approvals FROM escalation_case WHERE id = NEW.case_id);
BEGIN
    IF NEW.permitted AND wanted > 1 AND wanted > (
        SELECT count(DISTINCT user_id) FROM escalation_answer
        WHERE case_id = NEW.case_id AND option_id = NEW.option_id AND digest = NEW.digest
          AND stage = 'final'
          AND parameters IS NOT DISTINCT FROM NEW.parameters) THEN
        RAISE EXCEPTION '% people must agree', wanted USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- whoever writes an effect wakes the clock; several in one transaction wake it once
CREATE FUNCTION escalation_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('effects', '');
    RETURN NULL;
END $$;
"""


def _triggers() -> str:
    parts = [FUNCTIONS]
    for name in ADD_ONLY:
        parts.append(_refusing(name, "UPDATE OR DELETE"))
    for name in NEVER_DELETED:
        parts.append(_refusing(name, "DELETE"))
        parts.append(
            f"CREATE TRIGGER {name}_keep BEFORE UPDATE ON escalation_{name}"
            f" FOR EACH ROW EXECUTE FUNCTION escalation_keep_{name}();"
        )
    for name, (ended, columns) in ENDING.items():
        parts.append(_refusing(name, "DELETE"))
        arguments = ", ".join(f"'{column}'" for column in [ended, *columns])
        parts.append(
            f"CREATE TRIGGER {name}_keep BEFORE UPDATE ON escalation_{name}"
            f" FOR EACH ROW EXECUTE FUNCTION escalation_keep_ending({arguments});"
        )
    parts.append(
        "CREATE TRIGGER decision_boundary BEFORE INSERT ON escalation_decision"
        " FOR EACH ROW EXECUTE FUNCTION escalation_deny_boundary();"
    )
    parts.append(
        "CREATE TRIGGER decision_answers BEFORE INSERT ON escalation_decision"
        " FOR EACH ROW EXECUTE FUNCTION escalation_count_answers();"
    )
    parts.append(
        "CREATE TRIGGER effect_ring AFTER INSERT ON escalation_effect"
        " FOR EACH STATEMENT EXECUTE FUNCTION escalation_ring();"
    )
    return "\n".join(parts)


def _refusing(name: str, acts: str) -> str:
    return (
        f"CREATE TRIGGER {name}_refuse BEFORE {acts} ON escalation_{name}"
        " FOR EACH ROW EXECUTE FUNCTION escalation_refuse();\n"
        f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON escalation_{name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION escalation_refuse();"
    )


class Migration(migrations.Migration):
    dependencies = [("escalation", "0001_initial")]
    operations = [migrations.RunSQL(_triggers(), migrations.RunSQL.noop)]
