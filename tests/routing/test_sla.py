from copy import deepcopy
from datetime import timedelta

import pytest

from escalation.enums import Stakes
from escalation.errors import Fault
from routing import sla
from routing.enums import CountedIn, Rung
from routing.errors import PolicyRejected

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ABSENT = object()
REQUIRED = "This is required."
LIST, OBJECT = "This must be a list.", "This must be an object: names and their values."
TIME = "This must be working or wall."
NEGATIVE = "A length of time is never negative."
PERCENT = "A warning is a whole percentage from 1 to 99."
ASK = "write a duration such as 90m, 1h30m or 2d, or whole seconds."
APPROVE = "Nothing is ever approved by a fallback."
RUNGS = "remind, secondary, backup_role, higher_role, hold, deny and do_nothing"
KEYS = (
    "slug, name, targets, warnings, pauses, longest_pause, chain, through_quiet_hours, "
    "shows_question, decide_in_chat, review and reasons"
)


def facts(pointer="", value=None):
    """Return the facts of a small policy with one of them changed, added or taken away."""
    given = {
        "slug": "small",
        "name": "Small",
        "targets": {
            "high": {
                "claim": {"within": "15m", "time": "working"},
                "decision": {"within": "2h", "time": "working"},
            }
        },
        "warnings": [50, 80],
        "pauses": ["held"],
        "longest_pause": "3d",
        "chain": {
            "starts_at": "decision",
            "steps": [{"do": "remind", "wait": "10m"}, {"do": "deny"}],
            "time": "wall",
        },
        "through_quiet_hours": ["high"],
        "shows_question": False,
        "decide_in_chat": False,
    }
    if pointer:
        *way, last = [int(k) if k.isdigit() else k for k in pointer.split("/")[1:]]
        place = given
        for key in way:
            place = place[key]
        if value is ABSENT:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return given


def faults_of(given, pointer=""):
    with pytest.raises(PolicyRejected) as refusal:
        sla.read(given, pointer)
    return list(refusal.value.faults)


def chain(*steps):
    return facts("/chain/steps", [dict(zip(("do", "wait"), step, strict=False)) for step in steps])


def test_the_policy_of_a_new_desk_has_a_deadline_for_all_stakes_and_an_end():
    standard = sla.read(sla.STANDARD)

    assert [standard.target(stakes, "decision") for stakes in Stakes] == [
        sla.Promise(24 * HOUR, working=True),
        sla.Promise(8 * HOUR, working=True),
        sla.Promise(4 * HOUR, working=True),
        sla.Promise(1 * HOUR, working=False),
    ]
    assert [step.do for step in standard.steps_for(boundary=True)] == [
        *(Rung.REMIND, Rung.SECONDARY, Rung.BACKUP_ROLE, Rung.HIGHER_ROLE, Rung.HOLD)
    ]
    assert list(standard.cautions()) == []


@pytest.mark.parametrize("given", [sla.STANDARD, facts(), chain(("do_nothing",))])
def test_facts_are_given_back_whole_in_seconds_and_as_people_write_them(given):
    read = sla.read(given)

    assert sla.read(read.as_facts()) == read == sla.read(read.as_written())
    assert set(read.as_facts()) == set(read.as_written()) == set(sla.STANDARD)


def test_lengths_are_stored_in_seconds_and_written_short():
    read = sla.read(facts("/targets/high/decision/within", 90_000))

    assert read.as_facts()["targets"]["high"]["decision"] == {"within": 90_000, "time": "working"}
    assert read.as_written()["targets"]["high"]["decision"] == {"within": "25h", "time": "working"}
    assert (read.as_facts()["longest_pause"], read.as_written()["longest_pause"]) == (259_200, "3d")
    assert read.as_facts()["chain"]["steps"] == [{"do": "remind", "wait": 600}, {"do": "deny"}]


def test_a_policy_may_be_as_small_as_one_step():
    read = sla.read(
        {
            "slug": "least",
            "name": "Least",
            "targets": {},
            "chain": {"starts_at": "decision", "steps": [{"do": "hold"}]},
        }
    )

    assert (read.warnings, read.pauses, read.longest_pause, read.target("high", "claim")) == (
        *((), (), None, None),
    )
    assert not read.chain.working


def test_a_target_may_be_nothing_at_all():
    read = sla.read(facts("/targets/high/claim/within", 0))

    assert read.target("high", "claim") == sla.Promise(timedelta(), working=True)


def test_a_boundary_case_is_denied_where_others_are_closed_without_action():
    read = sla.read(chain(("remind", "10m"), ("do_nothing",)))

    assert [step.do for step in read.steps_for(boundary=False)] == [Rung.REMIND, Rung.DO_NOTHING]
    assert [step.do for step in read.steps_for(boundary=True)] == [Rung.REMIND, Rung.DENY]


# What is wrong, each at its place -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        ("/colour", "red", f"There is no such field; known are {KEYS}."),
        ("/slug", ABSENT, REQUIRED),
        ("/name", ABSENT, REQUIRED),
        ("/targets", ABSENT, REQUIRED),
        ("/chain", ABSENT, REQUIRED),
        *(
            ("/slug", bad, "Write a short name of small letters, digits and hyphens, 64 at most.")
            for bad in (7, "", "Two Words", "-a", "a" * 65, "é")
        ),
        *(
            ("/name", bad, "Give a name of 120 characters at most.")
            for bad in (7, " ", "a" * 121, "a\x00b", None)
        ),
        ("/targets", [], OBJECT),
        ("/targets/high", 7, OBJECT),
        (
            "/targets/huge",
            {},
            "There are no such stakes; known are low, medium, high and critical.",
        ),
        (
            "/targets/high/lunch",
            {},
            "There is no such target; known are first_response, claim and decision.",
        ),
        ("/targets/high/claim", "15m", OBJECT),
        ("/targets/high/claim/within", ABSENT, REQUIRED),
        ("/targets/high/claim/time", ABSENT, REQUIRED),
        ("/targets/high/claim/time", "office", TIME),
        ("/targets/high/claim/time", [], TIME),
        ("/targets/high/claim/within", -1, NEGATIVE),
        ("/targets/high/claim/within", "-15m", NEGATIVE),
        ("/targets/high/claim/within", 1.5, f"This is no length of time; {ASK}"),
        ("/targets/high/claim/within", "soon", f"“soon” is no length of time; {ASK}"),
        (
            "/targets/high/decision/within",
            "365d",
            "720 h of working time is the longest that anybody is kept waiting.",
        ),
        ("/warnings", 50, "This must be a list of percentages."),
        ("/warnings", list(range(1, 12)), "10 warnings are enough."),
        *(("/warnings/1", bad, PERCENT) for bad in (0, 100, -5, 50.5, "80", True, None)),
        *(("/warnings/1", bad, "Percentages rise from one to the next.") for bad in (50, 20)),
        ("/pauses", "held", LIST),
        ("/pauses/0", "lunch", "This must be one of information_requested or held."),
        ("/pauses/0", [], "This must be one of information_requested or held."),
        ("/pauses/1", "held", "held stands twice."),
        (
            "/longest_pause",
            ABSENT,
            "Say how long a clock may stand still, or nothing may stop it.",
        ),
        ("/longest_pause", None, "Say how long a clock may stand still, or nothing may stop it."),
        (
            "/longest_pause",
            0,
            "A pause must last; leave the reasons out if none may stop the clocks.",
        ),
        ("/longest_pause", "91d", "90 days is the longest that anybody is kept waiting."),
        ("/through_quiet_hours", True, LIST),
        ("/through_quiet_hours/0", "x", "This must be one of low, medium, high or critical."),
        ("/shows_question", "yes", "This must be true or false."),
        ("/decide_in_chat", 1, "This must be true or false."),
        ("/chain", [], OBJECT),
        ("/chain/loops", 3, "There is no such field; known are starts_at, steps and time."),
        ("/chain/starts_at", "lunch", "This must be first_response, claim or decision."),
        ("/chain/starts_at", ABSENT, REQUIRED),
        ("/chain/time", "office", TIME),
        ("/chain/steps", ABSENT, REQUIRED),
        ("/chain/steps", {}, "This must be a list of steps."),
        ("/chain/steps", [], "A chain has an end: hold, deny or do_nothing."),
        ("/chain/steps/0", "remind", OBJECT),
        ("/chain/steps/0/to", "kim", "There is no such field; known are do and wait."),
        ("/chain/steps/0/do", ABSENT, REQUIRED),
        ("/chain/steps/0/do", "page", f"There is no such step; known are {RUNGS}."),
        ("/chain/steps/0/do", None, f"There is no such step; known are {RUNGS}."),
        ("/chain/steps/0/do", "approve", APPROVE),
        ("/chain/steps/1/do", "approve", APPROVE),
        ("/chain/steps/1/do", " Approved ", APPROVE),
        ("/chain/steps/1/do", "auto_approve", APPROVE),
        ("/chain/steps/0/wait", ABSENT, "Say how long to wait before the next step."),
        ("/chain/steps/0/wait", -600, NEGATIVE),
        ("/chain/steps/0/wait", "91d", "90 days is the longest that anybody is kept waiting."),
        ("/chain/steps/1/wait", 60, "deny ends the chain: there is nothing to wait for."),
    ],
)
def test_what_is_wrong_is_told_at_its_place(pointer, value, message):
    assert faults_of(facts(pointer, value)) == [Fault(pointer, message)]


def test_a_target_around_the_clock_is_ninety_days_at_most():
    assert faults_of(facts("/targets/high/decision", {"within": 7_776_001, "time": "wall"})) == [
        Fault(
            "/targets/high/decision/within", "90 days is the longest that anybody is kept waiting."
        )
    ]


def test_a_chain_without_an_end_is_refused():
    assert faults_of(chain(("remind", "10m"), ("secondary", "10m"))) == [
        Fault("/chain/steps/1/do", "The last step must end it: hold, deny or do_nothing.")
    ]


@pytest.mark.parametrize("data", [None, [], "sla", 7])
def test_what_is_no_object_is_refused_whole(data):
    assert faults_of(data, "/slas/0")[0] == Fault("/slas/0", OBJECT)


def test_all_that_is_wrong_is_told_at_once_below_the_pointer_given():
    given = facts("/slug", "No Slug")
    given["chain"]["steps"] = [{"do": "hold"}, {"do": "approve"}]
    given["targets"]["high"]["claim"] = {"within": "1y", "time": "wall"}

    assert faults_of(given, "/sla_policies/2") == [
        Fault(
            "/sla_policies/2/slug",
            "Write a short name of small letters, digits and hyphens, 64 at most.",
        ),
        Fault("/sla_policies/2/targets/high/claim/within", f"“1y” is no length of time; {ASK}"),
        Fault("/sla_policies/2/chain/steps/0/do", "hold ends the chain, so nothing can follow it."),
        Fault("/sla_policies/2/chain/steps/1/do", APPROVE),
    ]


def test_no_more_faults_are_told_than_anybody_reads():
    given = facts() | {f"unknown-{n}": n for n in range(1_000)}

    assert len(faults_of(given)) == 20


@pytest.mark.parametrize("end", ["hold", "deny", "do_nothing"])
def test_an_end_in_the_middle_is_refused_and_at_the_end_taken(end):
    assert sla.read(chain(("remind", 1), (end,))).chain.steps[-1] == sla.Step(Rung(end))
    assert faults_of(chain((end,), ("remind", 1), ("hold",))) == [
        Fault("/chain/steps/0/do", f"{end} ends the chain, so nothing can follow it.")
    ]


def test_a_chain_has_twenty_steps_at_most():
    assert len(sla.read(chain(*[("remind", 1)] * 19, ("hold",))).chain.steps) == 20
    assert faults_of(chain(*[("remind", 1)] * 20, ("hold",))) == [
        Fault("/chain/steps", "A chain has 20 steps at most; this has 21.")
    ]


def test_what_nothing_stops_has_no_longest_pause():
    given = facts("/pauses", [])

    assert faults_of(given) == [
        Fault("/longest_pause", "Nothing stops the clocks, so there is no longest pause.")
    ]
    assert sla.read(given | {"longest_pause": None}).longest_pause is None


@pytest.mark.parametrize(
    ("claim", "decision", "is_refused"),
    [
        (("2h", "working"), ("2h", "working"), False),
        (("3h", "working"), ("2h", "working"), True),
        (("3h", "wall"), ("2h", "wall"), True),
        (("3h", "working"), ("2h", "wall"), True),  # working time is never the faster one
        (("3h", "wall"), ("2h", "working"), False),  # over a night the wall is faster
    ],
)
def test_no_target_is_due_after_the_one_that_comes_after_it(claim, decision, is_refused):
    given = facts()
    for kind, (within, time) in (("claim", claim), ("decision", decision)):
        given["targets"]["high"][kind] = {"within": within, "time": time}

    if is_refused:
        assert faults_of(given) == [
            Fault(
                "/targets/high/claim",
                "A case would have to be decided (within 2 h) before it is taken (within 3 h).",
            )
        ]
    else:
        assert sla.read(given).target("high", "claim").within == CLAIMED[claim[0]]


CLAIMED = {"2h": 2 * HOUR, "3h": 3 * HOUR}


def test_no_step_approves():
    assert [rung for rung in Rung.values if "approve" in rung or "accept" in rung] == []


def test_reading_leaves_the_facts_as_they_were():
    given = facts()
    before = deepcopy(given)
    sla.read(given)

    assert given == before


# In words -----------------------------------------------------------------------------------------


def test_the_whole_policy_is_said_in_sentences():
    assert sla.read(sla.STANDARD).sentences() == (
        "Low: read within 8 h, taken within 16 h, decided within 24 h of working time.",
        "Medium: read within 2 h, taken within 4 h, decided within 8 h of working time.",
        "High: read within 30 min, taken within 1 h, decided within 4 h of working time.",
        "Critical: read within 10 min, taken within 15 min, decided within 1 h around the clock.",
        "If nobody decides in time: a reminder, after 10 min the secondary on call, after 30 min "
        "more the backup role, after 1 h more the higher role, after 2 h more it is held "
        "until somebody takes it up.",
        "A warning at 50 % and 80 % of each.",
        "The clocks stop while a case waits for information or is held, for 3 days at most.",
        "Notices of critical stakes break through quiet hours.",
        "Low stakes: open; goes out at once; a reason may be given.",
        "Medium stakes: evidence first; goes out at once; a reason may be given.",
        "High stakes: commit first; goes out after 30 s; a listed reason and why in words.",
        "Critical stakes: two people, each blind to the other; goes out after 2 min; a listed "
        "reason and why in words; who signs proves again who they are.",
        "Reasons: The evidence supports it · The evidence speaks against it · Evidence is missing "
        "or contradicts itself · Policy allows it · Policy does not allow it · Beyond what the "
        "agent or the requester may do · Out of proportion to what is at stake · Something else.",
    )


def test_what_differs_is_said_differently():
    given = facts("/chain", {"starts_at": "claim", "steps": [{"do": "do_nothing"}]})
    given["targets"]["high"]["claim"] = {"within": 0, "time": "wall"}
    given |= {"warnings": [], "pauses": [], "longest_pause": None, "through_quiet_hours": []}
    given |= {"shows_question": True, "decide_in_chat": True}

    assert " ".join(sla.read(given).sentences()[:8]) == (
        "Low: no deadline. Medium: no deadline. "
        "High: taken at once, decided within 2 h of working time. "
        "Critical: no deadline. "
        "If nobody takes it in time: it is closed without action; a boundary case is denied "
        "instead. Nothing stops the clocks. Messages show the question in one line. "
        "Low stakes may be answered from the chat message."
    )


def test_waits_in_working_time_say_so_and_no_wait_is_at_once():
    given = chain(("remind", "26h"), ("secondary", 0), ("deny",))
    given["chain"]["time"] = CountedIn.WORKING

    assert sla.read(given).sentences()[4] == (
        "If nobody decides in time: a reminder, after 26 h of working time the secondary on call, "
        "at once it is denied for want of an answer."
    )


# What is allowed but seldom meant -----------------------------------------------------------------


def test_stakes_without_a_deadline_are_pointed_out():
    assert list(sla.read(facts()).cautions()) == [
        f"Small: {stakes} stakes have no deadline that starts the chain, so such a case may wait "
        "for ever."
        for stakes in ("low", "medium", "critical")
    ]


def test_more_time_for_higher_stakes_is_pointed_out():
    given = deepcopy(sla.STANDARD)
    given["targets"]["medium"]["decision"] = {"within": "30h", "time": "working"}

    assert list(sla.read(given).cautions()) == [
        "Standard: medium stakes are given more time (30 h) than low (24 h)."
    ]


def test_buttons_in_a_chat_that_does_not_say_what_is_asked_are_warned_of():
    given = sla.STANDARD | {"decide_in_chat": True}

    assert [one for one in sla.read(given).cautions() if "chat" in one] == [
        "Standard: answers in the chat are allowed, but messages do not show the question, "
        "so none will have a button."
    ]
    assert list(sla.read(given | {"shows_question": True}).cautions()) == []
