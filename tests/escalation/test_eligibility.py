"""Authority, training, conflicts: asked of the one door to a decision, and attacked."""

from datetime import timedelta
from decimal import Decimal

import pytest

from escalation import access, lifecycle
from escalation.eligibility import beyond_authority, same
from escalation.errors import EscalationError, NotAuthorised
from escalation.models import Case, Competence, Conflict, Decision, Event, Handoff, Limit, User
from escalation.money.amounts import Reader
from tests.factories import (
    NINE,
    PASS_UP,
    handed_off_case,
    make_agent,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    open_case,
    options,
    package,
    package_with,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def role():
    return make_role("refunds", higher_role=make_role("directors"))


@pytest.fixture
def ida(role):
    return make_reviewer(role, username="ida", email="Ida.Holm@Desk.example", first_name="Ida")


def refused(case, by, key="approve", at=NINE, **given):
    """Return why a decision is refused, empty when it is taken; a refusal leaves nothing behind."""
    events, handoffs = Event.objects.count(), list(Handoff.objects.values())
    try:
        lifecycle.decide(case.pk, key, digest=case.digest, by=by, at=at, **given)
    except NotAuthorised as refusal:
        assert not Decision.objects.filter(case=case).exists()
        assert (Event.objects.count(), list(Handoff.objects.values())) == (events, handoffs)
        assert Case.objects.get(pk=case.pk).status == "awaiting"
        return str(refusal)
    return ""


# Training ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "expires_at", "ok"),
    [
        (NINE, None, True),
        (NINE - SECOND, NINE + SECOND, True),
        (NINE + SECOND, None, False),  # not yet
        (NINE - 2 * SECOND, NINE - SECOND, False),  # a second ago
        (NINE - SECOND, NINE, False),  # this very instant
    ],
)
def test_training_counts_from_its_beginning_to_its_end(role, ida, since, expires_at, ok):
    role.competences = ["refunds"]
    role.save(update_fields=["competences"])
    Competence.objects.create(user=ida, name="refunds", since=since, expires_at=expires_at)

    sentence = refused(handed_off_case(role), ida)

    assert sentence == ("" if ok else "Ida is not trained in refunds, or no longer.")


def test_every_competence_that_the_role_asks_for_is_needed(role, ida):
    role.competences = ["refunds", "fraud", "bias"]
    role.save(update_fields=["competences"])
    Competence.objects.create(user=ida, name="refunds", since=NINE)

    sentence = refused(handed_off_case(role), ida)

    assert sentence == "Ida is not trained in bias, fraud, or no longer."


def test_anothers_training_is_not_mine(role, ida):
    role.competences = ["refunds"]
    role.save(update_fields=["competences"])
    Competence.objects.create(user=make_reviewer(role), name="refunds", since=NINE)

    assert refused(handed_off_case(role), ida)


# Conflicts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tenant", "who", "concerned"),
    [
        ("nordic-retail", "", True),
        ("", "cus_19", True),
        ("nordic-retail", "cus_19", True),
        ("NORDIC-Retail", "", True),
        ("", "ＣＵＳ_19", True),
        ("other", "", False),
        ("", "cus_1", False),
        ("other", "cus_19", False),  # that customer of another tenant is another person
        ("nordic-retail", "cus_20", False),
    ],
)
def test_a_conflict_concerns_a_tenant_a_user_or_that_user_of_that_tenant(
    role, ida, tenant, who, concerned
):
    Conflict.objects.create(user=ida, tenant=tenant, user_id_of_agent=who, reason="Her brother.")

    sentence = refused(handed_off_case(role), ida)

    assert sentence == ("Ida has a conflict of interest." if concerned else "")


# The person acted for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "ida",
        "IDA",
        " ida ",
        "ｉｄａ",  # full width
        "i\u200bda",  # with something invisible in it
        "ida.holm@desk.example",
        "IDA.HOLM@DESK.EXAMPLE",
        "{pk}",
        "{PK}",
        "{hex}",
    ],
)
def test_nobody_decides_what_an_agent_does_for_them(role, ida, name):
    name = name.format(pk=ida.pk, PK=str(ida.pk).upper(), hex=ida.pk.hex)
    case = handed_off_case(role, package_with("/identity/user/id", name))

    assert refused(case, ida) == (
        f"The agent acts for Ida, who therefore cannot decide {case.reference}."
    )
    assert refused(case, make_reviewer(role)) == ""


@pytest.mark.parametrize("name", ["ida2", "holm", "desk.example", "idа"])  # the last а is Cyrillic
def test_a_name_that_only_looks_near_is_somebody_else(role, ida, name):
    assert refused(handed_off_case(role, package_with("/identity/user/id", name)), ida) == ""


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("STRASSE", "straße", True), ("é", "e\u0301", True), ("", "", False), ("\u200b", "", False)],
)
def test_names_are_the_same_to_a_reader(one, other, alike):
    assert same(one, other) is alike


def test_somebody_without_an_email_is_not_whoever_has_none(role):
    user = make_reviewer(role, email="")
    case = handed_off_case(role)
    Case.objects.filter(pk=case.pk).update(role=role)

    assert refused(case, user) == ""


# Who is no longer, or never was ------------------------------------------------------------------


def test_who_was_closed_after_the_page_was_made_decides_nothing(role, ida):
    case = handed_off_case(role)
    User.objects.filter(pk=ida.pk).update(is_active=False)

    assert refused(case, ida) == "Ida has left."  # the one in hand still says that she is active


def test_who_was_limited_after_the_page_was_made_decides_for_those_tenants_only(role, ida):
    case = handed_off_case(role)
    User.objects.filter(pk=ida.pk).update(tenants=["other"])

    assert refused(case, ida) == "Ida does not decide for nordic-retail."


@pytest.mark.parametrize(
    "somebody",
    [
        make_user,
        make_auditor,
        lambda: make_user(is_superuser=True, is_staff=True),
        lambda: make_reviewer(make_role()),
        make_agent,
    ],
)
def test_nobody_else_decides_an_agent_least_of_all(role, somebody):
    assert "does not decide for the role" in refused(handed_off_case(role), somebody())


@pytest.mark.parametrize("right", [access.READ, access.SUPERVISE, access.MANAGE, access.AUDIT_ROLE])
def test_no_other_right_on_the_role_is_a_right_to_decide(role, right):
    user = make_user()
    access.grant(right, user, role)

    assert refused(handed_off_case(role), user)


def test_a_reviewer_who_acts_as_an_auditor_decides_nothing(role, ida):
    ida.acting_as = access.AUDITOR

    assert refused(handed_off_case(role), ida) == (
        "Ida acts as an auditor in this session, and an auditor decides nothing."
    )


def test_a_case_in_no_hands_is_decided_by_nobody(ida):
    with pytest.raises(EscalationError):
        lifecycle.decide(open_case().pk, "approve", digest="", by=ida, at=NINE)


# Authority ---------------------------------------------------------------------------------------


def limited(role, *limits, categories=()):
    for currency, amount in limits:
        Limit.objects.create(role=role, currency=currency, amount=amount)
    role.categories = list(categories)
    role.save(update_fields=["categories"])


BEYOND = "Refunds decides up to $400.00; this is $412.50. Refuse it, or pass it up."


@pytest.fixture
def beyond(role):
    """A case of 412.50 USD in the hands of a role that got a lower limit since."""
    case = handed_off_case(role, package(question=options(PASS_UP)))
    limited(role, ("USD", 400))
    return case


@pytest.mark.parametrize(("key", "filled"), [("approve", None), ("modify", {"amount": "20.00"})])
def test_letting_an_agent_go_beyond_the_limit_is_refused(beyond, ida, key, filled):
    assert refused(beyond, ida, key, filled=filled) == BEYOND


@pytest.mark.parametrize("key", ["reject", "pass-up"])
def test_refusing_and_passing_up_need_no_authority(beyond, ida, key):
    assert refused(beyond, ida, key) == ""


@pytest.mark.parametrize(
    ("amount", "limits", "sentence"),
    [
        (("400.00", "USD"), [("USD", 400)], ""),
        (("400.01", "USD"), [("USD", 400)], "Refunds decides up to $400.00; this is $400.01."),
        (("1.00", "EUR"), [("USD", 400)], "Refunds decides no amounts in EUR."),
        (("1.00", "EUR"), [], ""),
        (("0.00", "USD"), [("USD", 0)], ""),
        (("-900.00", "USD"), [("USD", 400)], "Refunds decides up to $400.00; this is $900.00."),
        (("399", "USD"), [("EUR", 9), ("USD", 400)], ""),
    ],
)
def test_a_limit_holds_by_currency_and_without_the_sign(role, amount, limits, sentence):
    limited(role, *limits)
    value, currency = amount
    case = Case(amount=Decimal(value), currency=currency)

    assert beyond_authority(role, case) == sentence


@pytest.mark.parametrize(
    ("categories", "of_case", "sentence"),
    [
        ([], ["anything"], ""),
        (["money"], ["money"], ""),
        (["money"], [], ""),
        (["money"], ["money", "access"], "Refunds does not decide access."),
        (["money"], ["Money"], "Refunds does not decide Money."),
    ],
)
def test_a_role_decides_its_categories(role, categories, of_case, sentence):
    limited(role, categories=categories)

    assert beyond_authority(role, Case(categories=of_case)) == sentence


UP_TO = "Refunds decides up to $500.00; this is ${}."
UNREAD = "Refunds decides amounts up to a limit; {} cannot be read as an amount."


@pytest.mark.parametrize(
    ("filled", "sentence"),
    [
        ({"amount": "500.00"}, ""),
        ({"amount": "500.01"}, UP_TO.format("500.01")),
        ({"amount": 9999}, UP_TO.format("9,999.00")),
        ({"amount": "-9999"}, UP_TO.format("9,999.00")),
        ({"amount": "1e6"}, UP_TO.format("1,000,000.00")),
        ({"refund": {"amount": "900", "currency": "usd"}}, UP_TO.format("900.00")),
        ({"parts": [{"amount": "1"}, {"amount": "900"}]}, UP_TO.format("901.00")),
        ({"refund_amount": 900}, UP_TO.format("900.00")),
        ({"refundAmount": 900}, UP_TO.format("900.00")),
        ({"AMOUNT": 900}, UP_TO.format("900.00")),
        ({"amount": "1,000"}, UP_TO.format("1,000.00")),
        ({"amount": "5", "currency": "EUR"}, "Refunds decides no amounts in EUR."),
        ({"amount": None}, ""),
        ({"order": 88123, "note": "900 USD"}, ""),
        *(
            ({"amount": text}, UNREAD.format("amount"))
            for text in ("1.000", "NaN", "Infinity", "all of it", "", True)
        ),
        ({"parts": [{"amount": "ten"}]}, UNREAD.format("parts › 0 › amount")),
    ],
)
def test_another_amount_takes_the_authority_that_it_is_worth(role, filled, sentence):
    limited(role, ("USD", 500))
    case = Case(amount=Decimal("412.50"), currency="USD")
    proposal = {"action": "x", "arguments": {}, "amount": {"amount": "412.50", "currency": "USD"}}

    moved = Reader(proposal).answered(filled, filled)

    assert beyond_authority(role, case, moved) == sentence


def test_a_modify_beyond_the_limit_is_refused_at_the_door(role, ida):
    limited(role, ("USD", 500))
    case = handed_off_case(role)

    assert refused(case, ida, "modify", filled={"amount": "500.01"})
    assert refused(case, ida, "modify", filled={"amount": "500.00"}) == ""


def test_leaving_and_coming_back_is_asked_of_the_rights_as_they_stand(role, ida):
    case = handed_off_case(role)
    access.revoke(access.DECIDE, ida, role)
    assert refused(case, ida)

    access.grant(access.DECIDE, ida, role)

    assert refused(case, ida) == ""
