"""What must hold when all is over, each with the question that finds what breaks it.

A question answers with a row for each break, which names it. ``told`` is the record, its facts read.
"""

RECORD = """
    CREATE TEMPORARY VIEW told AS
    SELECT id, at, action, subject, convert_from(body, 'UTF8')::json -> 'facts' AS facts
    FROM escalation_event
"""
PROMISES = {
    "A case that has not ended is in the hands of one role": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE status = 'open' OR (ended_at IS NULL) <>
            (1 = (SELECT count(*) FROM escalation_handoff
                  WHERE case_id = found.id AND ended_at IS NULL))
    """,
    "A case is decided once, and no other has a decision": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE (status = 'decided')::int <>
            (SELECT count(*) FROM escalation_decision WHERE case_id = found.id)
    """,
    "Only a person permits": """
        SELECT id FROM escalation_decision WHERE permitted AND decided_by_id IS NULL
    """,
    # signed answers
    "At high and critical stakes a person's answer goes out by its release alone": """
        SELECT decision.id FROM escalation_decision AS decision
        JOIN escalation_case AS found ON found.id = decision.case_id
        WHERE stakes IN ('high', 'critical') AND decided_by_id IS NOT NULL AND 1 <>
            (SELECT count(*) FROM escalation_release AS release
             WHERE release.case_id = found.id AND release."end" = 'released'
                 AND (signed_by_id, signed_at, release.option_id)
                     = (decided_by_id, decision.decided_at, decision.option_id)
                 AND ended_at = released_at)
    """,
    "A released answer is a decision, one that was undone or overtaken is none": """
        SELECT id, "end" FROM escalation_release AS release
        WHERE ("end" = 'released')::int <>
            (SELECT count(*) FROM escalation_decision AS decision
             WHERE decision.case_id = release.case_id
                 AND (decided_by_id, decided_at) = (signed_by_id, signed_at))
    """,
    "No answer goes out before its window ends": """
        SELECT release.id, release.due_at, event.at FROM escalation_release AS release
        JOIN told AS event
            ON action = 'case.released' AND facts ->> 'release' = release.id::text
        WHERE event.at < release.due_at
    """,
    "Each signature and each release is on the record, once": """
        SELECT id, "end" FROM escalation_release AS release
        WHERE 1 <> (SELECT count(*) FROM told
                    WHERE action = 'case.signed' AND facts ->> 'release' = release.id::text)
            OR ("end" = 'released')::int <>
                (SELECT count(*) FROM told
                 WHERE action = 'case.released' AND facts ->> 'release' = release.id::text)
            OR ("end" = 'undone')::int <>
                (SELECT count(*) FROM told
                 WHERE action = 'case.undone' AND facts ->> 'release' = release.id::text)
    """,
    "No answer waits beyond its window": """
        SELECT id, due_at FROM escalation_release
        WHERE ended_at IS NULL AND due_at < now() - interval '2 s'
    """,
    "What is permitted at critical stakes two people answered alike": """
        SELECT decision.id FROM escalation_decision AS decision
        JOIN escalation_case AS found ON found.id = decision.case_id
        WHERE stakes = 'critical' AND permitted AND 2 >
            (SELECT count(DISTINCT user_id) FROM escalation_answer AS answer
             WHERE answer.case_id = found.id AND stage = 'final'
                 AND answer.option_id = decision.option_id AND answer.digest = decision.digest)
    """,
    # clocks
    "A case that came into hands has the clocks of its three targets": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE role_id IS NOT NULL AND 3 <>
            (SELECT count(*) FROM escalation_clock WHERE case_id = found.id AND target <> 'fallback')
    """,
    "A clock that has passed is breached, or was met before": """
        SELECT id, target, due_at, stopped_at FROM escalation_clock
        WHERE breached_at IS NULL AND due_at < coalesce(stopped_at, now() - interval '2 s')
            AND (target <> 'fallback' OR stopped_at IS NULL) -- nobody was promised the wait
    """,
    "A clock is breached at the instant it was due, and not when it was met by then": """
        SELECT id, due_at, breached_at, stopped_at FROM escalation_clock
        WHERE breached_at <> due_at OR (breached_at IS NOT NULL AND stopped_at < due_at)
    """,
    "Each breach is on the record, once": """
        SELECT clock.id, clock.target, clock.step, times FROM escalation_clock AS clock
        LEFT JOIN (
            SELECT subject, facts ->> 'target' AS target, (facts ->> 'step')::int AS step,
                count(*) AS times
            FROM told WHERE action = 'clock.breached' GROUP BY 1, 2, 3
        ) AS said ON said.subject = 'case:' || case_id
            AND said.target = clock.target AND said.step = clock.step
        WHERE (breached_at IS NOT NULL)::int <> coalesce(times, 0)
    """,
    "Breaches are acted on in the order in which they were due": """
        SELECT subject, due, before FROM (
            SELECT subject, facts ->> 'due_at' AS due,
                lag(facts ->> 'due_at') OVER (PARTITION BY subject ORDER BY id) AS before
            FROM told WHERE action = 'clock.breached'
        ) AS breached WHERE due < before
    """,
    "A warning is given once": """
        SELECT subject, facts ->> 'target', facts ->> 'percent', count(*) FROM told
        WHERE action = 'clock.warned' GROUP BY 1, 2, 3 HAVING count(*) > 1
    """,
    # chains
    "The steps of a chain are taken one after the other, each once": """
        SELECT subject, steps FROM (
            SELECT subject, array_agg((facts ->> 'step')::int ORDER BY id) AS steps
            FROM told WHERE action = 'case.fallback_step' GROUP BY subject
        ) AS taken
        WHERE steps <> (SELECT array_agg(n) FROM generate_series(0, cardinality(steps) - 1) AS n)
    """,
    "A case that is overdue goes to the end of its chain": """
        SELECT 'ESC-' || number, status FROM escalation_case AS found
        WHERE status NOT IN ('decided', 'withdrawn', 'held') AND EXISTS (
            SELECT FROM escalation_clock
            WHERE case_id = found.id AND target = 'decision' AND due_at < now())
    """,
    "A fallback ends no case before the last of its clocks": """
        SELECT 'ESC-' || number, decision.decided_at, clock.due_at FROM escalation_decision AS decision
        JOIN escalation_case AS found ON found.id = decision.case_id
        JOIN escalation_clock AS clock ON clock.case_id = found.id
        WHERE fallback <> '' AND clock.due_at > decision.decided_at
    """,
    # effects
    "Each effect is done": """
        SELECT id, kind, due_at, last_error FROM escalation_effect
        WHERE done_at IS NULL AND kind IN ('dispatch', 'deadline', 'release', 'delivery', 'notice', 'digest')
            AND due_at < now() + interval '1 hour'
    """,
    "A decision has one delivery": """
        SELECT decision.id FROM escalation_decision AS decision
        WHERE 1 <> (SELECT count(*) FROM escalation_delivery WHERE decision_id = decision.id)
    """,
    "What an agent is to be told is delivered": """
        SELECT id, type, status, attempts, last_error FROM escalation_delivery
        WHERE status <> 'delivered'
    """,
    "A notice that was to be sent is sent": """
        SELECT id, status, kind FROM reviewers_notice WHERE status IN ('waiting', 'failed')
    """,
}
LEFT = """
    SELECT count(*) FROM escalation_effect
    WHERE done_at IS NULL AND kind IN ('dispatch', 'deadline', 'release', 'delivery', 'notice', 'digest')
        AND due_at < now() + interval '1 hour'
"""
ENDS = """
    SELECT CASE WHEN status <> 'decided' THEN status
                WHEN fallback <> '' THEN fallback || ' by fallback'
                ELSE 'decided by a person' END, count(*)
    FROM escalation_case AS found
    LEFT JOIN escalation_decision ON case_id = found.id GROUP BY 1
"""
STANDING = """
    SELECT 'ESC-' || found.number, found.status, option.key
    FROM escalation_case AS found
    LEFT JOIN escalation_decision AS decision ON decision.case_id = found.id
    LEFT JOIN escalation_option AS option ON option.id = decision.option_id
"""
LATE = """
    SELECT extract(epoch FROM at - (facts ->> 'due_at')::timestamptz)
    FROM told WHERE action = 'clock.breached'
"""
TOLD = """
    SELECT extract(epoch FROM delivered_at - created_at) FROM escalation_delivery
    WHERE delivered_at IS NOT NULL
"""
COUNTS = """
    SELECT 'breaches', count(*) FROM escalation_clock WHERE breached_at IS NOT NULL
    UNION ALL SELECT 'signed answers ' || coalesce(nullif("end", ''), 'waiting'), count(*)
        FROM escalation_release GROUP BY "end"
    UNION ALL SELECT 'steps', count(*) FROM told WHERE action = 'case.fallback_step'
    UNION ALL SELECT 'deliveries', count(*) FROM escalation_delivery
    UNION ALL SELECT 'notices', count(*) FROM reviewers_notice
    UNION ALL SELECT 'handoffs', count(*) FROM escalation_handoff
    UNION ALL SELECT 'events', count(*) FROM told
"""
