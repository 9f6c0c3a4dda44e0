"""What the database itself keeps of policy: what is published stays, and nothing is approved by waiting."""

from django.db import migrations

STEPS = "remind|secondary|backup_role|higher_role|hold|deny|do_nothing"

KEEP = """
CREATE FUNCTION routing_content(whole uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        (SELECT jsonb_agg(jsonb_build_array(slug, name, facts) ORDER BY slug)
         FROM routing_slapolicy WHERE version_id = whole),
        (SELECT jsonb_agg(
            jsonb_build_array(
                route.name, condition, role_id, sla.slug, stakes_floor, approvals,
                moves_money, is_default
            ) ORDER BY position)
         FROM routing_route route JOIN routing_slapolicy sla ON sla.id = route.sla_id
         WHERE route.version_id = whole)
    )
$$;

CREATE FUNCTION routing_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' THEN
        RAISE EXCEPTION 'a policy that is published or put away is never changed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- one person may publish what two agreed on before, and nothing else
    IF NEW.status = 'published' AND NEW.rolls_back_to_id IS NOT NULL AND (
        routing_content(NEW.id) IS DISTINCT FROM routing_content(NEW.rolls_back_to_id)
        OR NOT EXISTS (
            SELECT FROM routing_policyversion
            WHERE id = NEW.rolls_back_to_id AND status = 'published'
        )
    ) THEN
        RAISE EXCEPTION 'a policy that goes back says what it goes back to'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION routing_keep_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole uuid := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM routing_policyversion WHERE id = whole AND status = 'draft') THEN
        RAISE EXCEPTION 'a policy that is published or put away is never changed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER policyversion_keep BEFORE UPDATE OR DELETE ON routing_policyversion
    FOR EACH ROW EXECUTE FUNCTION routing_keep_version();
CREATE TRIGGER route_keep BEFORE INSERT OR UPDATE OR DELETE ON routing_route
    FOR EACH ROW EXECUTE FUNCTION routing_keep_part();
CREATE TRIGGER slapolicy_keep BEFORE INSERT OR UPDATE OR DELETE ON routing_slapolicy
    FOR EACH ROW EXECUTE FUNCTION routing_keep_part();

CREATE FUNCTION routing_keep_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a case keeps the policy it started with'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ruling_keep BEFORE UPDATE OR DELETE ON routing_ruling
    FOR EACH ROW EXECUTE FUNCTION routing_keep_ruling();

-- the words that a chain may hold; none of them approves, and the last one ends it
ALTER TABLE routing_slapolicy ADD CONSTRAINT sla_policy_steps_known CHECK (
    jsonb_typeof(facts->'chain'->'steps') = 'array'
    AND jsonb_array_length(facts->'chain'->'steps') > 0
    AND NOT jsonb_path_exists(facts, '$.chain.steps[*] ? (!(@.do like_regex "^(%s)$"))')
    AND NOT jsonb_path_exists(facts, '$.chain.steps[*] ? ((@.do like_regex ".") is unknown)')
    AND NOT jsonb_path_exists(facts, '$.chain.steps[*] ? (!exists(@.do))')
    AND (facts->'chain'->'steps'->-1->>'do') IN ('hold', 'deny', 'do_nothing')
);
""" % STEPS


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial"), ("escalation", "0002_record")]
    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
