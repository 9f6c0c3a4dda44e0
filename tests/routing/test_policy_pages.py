"""The pages of the policy: read by all who work by it, drafted by two, published by the second."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from routing import policies
from routing.models import PolicyVersion
from routing.views import policies as pages
from tests.factories import NINE, handed_off_case, make_auditor, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db

ROUTE = {
    "name": "Acme",
    "quantifier": "all",
    "terms/0/field": "tenant",
    "terms/0/operator": "==",
    "terms/0/value": "acme",
    "role": "refunds",
    "sla": "standard",
    "stakes_floor": "high",
    "approvals": "2",
}


def setter(name):
    user = make_user(name, first_name=name.title())
    user.user_permissions.add(Permission.objects.get(codename="set_policies"))
    return type(user).objects.get(pk=user.pk)


def browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def refunds():
    return make_role("refunds")


@pytest.fixture
def ida():
    return setter("ida")


@pytest.fixture
def bob():
    return setter("bob")


def draft():
    return PolicyVersion.objects.open_draft()


def seen():
    return policies.seen_as(draft())


def add(*names, by):
    policies.draft(by=by, at=NINE)
    for name in names:
        when = {"field": "tenant", "operator": "==", "value": name}
        route = {"name": name, "when": when, "role": "refunds", "sla": "standard"}
        policies.add_route(route, seen=seen(), by=by, at=NINE)


def routes():
    return [route.name for route in policies.of(draft()).all_routes]


def text(response):
    """Return what a page says, without its markup."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body)


# Reading ------------------------------------------------------------------------------------------


def test_who_works_here_reads_the_policy_in_words(refunds):
    page = browser(make_reviewer(refunds)).get("/policies/")

    said = text(page)
    assert "The default route whatever no route above it takes Operations" in said
    assert "Standard The default route" in said
    assert "24 h working" in said and "+3 h 40 min Held until taken up" in said
    assert "Change the policy" not in said and "Go back to it" not in said


def test_an_auditor_reads_it_and_whoever_sets_it_may_change_it(ida):
    assert "Change the policy" not in text(browser(make_auditor()).get("/policies/"))
    assert "Change the policy" in text(browser(ida).get("/policies/"))


def test_a_stranger_does_not_see_it():
    assert browser(make_user("stranger")).get("/policies/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_of_the_database_for_three_routes_as_for_one(
    count, ida, bob, refunds, django_assert_num_queries
):
    add(*["a", "b", "c"][:count], by=ida)
    for number in range(count):
        policies.describe(f"Note {number}.", seen=seen(), by=ida, at=NINE)
    policies.publish(seen=seen(), by=bob, at=NINE)
    client = browser(ida)
    client.get("/policies/")

    with django_assert_num_queries(11):
        assert client.get("/policies/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_draft_asks_as_much_of_the_database_for_three_routes_as_for_one(
    count, ida, bob, refunds, django_assert_num_queries
):
    add(*["a", "b", "c"][:count], by=ida)
    client = browser(ida)
    client.get("/policies/draft/")

    with django_assert_num_queries(21):
        assert client.get("/policies/draft/").status_code == 200


def test_versions_beyond_the_list_are_led_to(ida, bob, refunds, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 1)
    add("Acme", by=ida)
    policies.publish(seen=seen(), by=bob, at=NINE)

    said = text(browser(ida).get("/policies/"))
    assert "Older ones stand at their addresses, the next at version 1 ." in said


def test_a_version_tells_what_it_changed(ida, bob, refunds):
    add("Acme", by=ida)
    policies.publish(seen=seen(), by=bob, at=NINE)

    said = text(browser(ida).get("/policies/versions/2/"))
    assert "Version 2 published by Bob" in said and "drafted by Ida" in said
    assert "Acme route added" in said and "takes tenant is Acme" in said
    assert browser(ida).get("/policies/versions/3/").status_code == 404


# Drafting -----------------------------------------------------------------------------------------


def test_a_draft_is_begun_gone_on_with_and_put_away(ida, bob):
    client = browser(ida)
    assert client.get("/policies/draft/")["Location"] == "/policies/"
    assert client.post("/policies/draft/")["Location"] == "/policies/draft/"
    assert "A change is being drafted by Ida" in text(browser(bob).get("/policies/"))

    client.post("/policies/draft/discard/", {"seen": seen()})
    assert draft() is None


def test_a_route_is_added_by_filling_in_rows(ida, refunds):
    client = browser(ida)
    client.post("/policies/draft/")

    done = client.post("/policies/draft/routes/new/", ROUTE | {"seen": seen()})
    assert done["Location"] == "/policies/draft/"
    assert policies.of(draft()).routes[0].as_facts() == {
        "name": "Acme",
        "when": {"all": [{"field": "tenant", "operator": "==", "value": "acme"}]},
        "role": "refunds",
        "sla": "standard",
        "stakes_floor": "high",
        "approvals": 2,
    }
    said = text(client.get("/policies/draft/"))
    assert "Acme all of: tenant is acme" in said or "Acme tenant is acme" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "Give a name of 120 characters at most."),
        ({"terms/0/field": "tenat"}, "tenat"),
        ({"terms/0/operator": ">"}, "tenant"),
        ({"terms/0/field": "amount", "terms/0/value": "lots"}, "500 USD"),
        ({"approvals": "many"}, "This must be a whole number from 1 to"),
        ({"role": "nobody"}, "There is no role “nobody”."),
        ({"sla": ""}, "There is no SLA policy"),
        ({"stakes_floor": "huge"}, "This must be one of low, medium, high, critical."),
        ({"nested": "- any: ["}, "Line"),
        ({"nested": "any: x"}, "This must be a list: begin each group with a dash."),
        ({"nested": "- {field: tenat, operator: ==, value: x}"}, "tenat"),
    ],
)
def test_a_route_that_does_not_fit_is_refused_at_its_field_and_kept_as_typed(
    typed, said, ida, refunds
):
    client = browser(ida)
    client.post("/policies/draft/")

    page = client.post("/policies/draft/routes/new/", ROUTE | typed | {"seen": seen()})
    assert page.status_code == 422
    form = page.context["form"]
    [(name, errors)] = form.errors.items()
    assert said in " ".join(errors)
    assert name in typed
    assert f'id="{form[name].auto_id}_error"' in page.content.decode()
    assert all(form[field].value() == value for field, value in typed.items())
    assert routes() == ["The default route"]


def test_a_row_is_added_without_a_script_and_saves_nothing(ida, refunds):
    client = browser(ida)
    client.post("/policies/draft/")

    page = client.post("/policies/draft/routes/new/", ROUTE | {"seen": seen(), "act": "add:1"})
    assert (page.status_code, page.context["form"].count) == (200, 2)
    assert 'name="terms/1/field"' in page.content.decode()
    assert routes() == ["The default route"]

    part = client.post(
        "/policies/draft/routes/new/",
        ROUTE | {"seen": seen(), "act": "add:1"},
        headers={"HX-Request": "true"},
    )
    assert part.content.decode().startswith('<form class="sheet" id="sheet"')


def test_the_default_route_has_a_role_and_no_condition(ida, refunds):
    client = browser(ida)
    client.post("/policies/draft/")
    address = "/policies/draft/routes/1/"

    assert "quantifier" not in client.get(address).context["form"].fields
    client.post(address, ROUTE | {"name": "The rest", "seen": seen()})
    assert policies.of(draft()).default.role == "refunds"
    assert client.get("/policies/draft/routes/2/").status_code == 404


def test_routes_are_moved_and_removed(ida, refunds):
    add("a", "b", by=ida)
    client = browser(ida)

    up = client.post("/policies/draft/routes/2/up/", {"seen": seen()})
    assert up["Location"] == "/policies/draft/#route-1"
    assert routes() == ["b", "a", "The default route"]
    client.post("/policies/draft/routes/1/remove/", {"seen": seen()})
    assert routes() == ["a", "The default route"]
    refused = client.post("/policies/draft/routes/2/remove/", {"seen": seen()})
    assert refused.status_code == 422
    assert client.post("/policies/draft/routes/1/dance/", {"seen": seen()}).status_code == 404


def sla_typed(page, **changes):
    form = page.context["form"]
    values = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    return values | {"seen": seen()} | changes


def test_an_sla_policy_is_added_changed_and_removed(ida):
    client = browser(ida)
    client.post("/policies/draft/")

    new = client.get("/policies/draft/sla/new/")
    client.post("/policies/draft/sla/new/", sla_typed(new, name="Fast", slug="fast"))
    page = client.get("/policies/draft/sla/fast/")
    client.post(
        "/policies/draft/sla/fast/", sla_typed(page, **{"targets/high/decision/within": "90m"})
    )
    found = policies.of(draft()).sla_named["fast"].target("high", "decision")
    assert found.said == "1 h 30 min"

    refused = client.post("/policies/draft/sla/standard/removal/", {"seen": seen()})
    assert "Standard is the SLA policy of The default route" in text(refused)
    client.post("/policies/draft/sla/fast/removal/", {"seen": seen()})
    assert list(policies.of(draft()).sla_named) == ["standard"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("chain/steps/0/do", "approve", "Nothing is ever approved by a fallback."),
        ("chain/steps/4/do", "remind", "The last step must end it: hold, deny or do_nothing."),
        ("chain/steps/0/wait", "-5m", "A length of time is never negative."),
        ("targets/low/decision/within", "365d", "720 h of working time is the longest"),
        ("warnings", "80, 50", "Percentages rise from one to the next."),
        ("longest_pause", "", "Say how long a clock may stand still"),
    ],
)
def test_an_sla_policy_that_does_not_fit_is_refused_at_its_field(field, typed, said, ida):
    client = browser(ida)
    client.post("/policies/draft/")
    page = client.get("/policies/draft/sla/standard/")

    refused = client.post("/policies/draft/sla/standard/", sla_typed(page, **{field: typed}))
    assert refused.status_code == 422
    assert said in refused.context["form"].errors[field][0]
    assert refused.context["form"][field].value() == typed


def test_the_whole_draft_is_edited_as_yaml(ida, refunds):
    client = browser(ida)
    client.post("/policies/draft/")
    shown = client.get("/policies/draft/yaml/").context["text"]

    wrong = shown.replace("role: operations", "role: nobody").replace("24h", "365d")
    refused = client.post("/policies/draft/yaml/", {"text": wrong, "seen": seen()})
    assert refused.status_code == 422
    assert refused.context["text"] == wrong
    lines = wrong.splitlines()
    for fault in refused.context["faults"]:
        assert fault.line == lines[fault.number - 1].strip() != ""
    client.post(
        "/policies/draft/yaml/",
        {"text": shown.replace("operations", "refunds"), "seen": seen()},
    )
    assert policies.of(draft()).default.role == "refunds"


# Two people ---------------------------------------------------------------------------------------


def test_a_second_person_publishes_and_the_first_is_told_who_may(ida, bob, refunds):
    add("Acme", by=ida)

    said = text(browser(ida).get("/policies/draft/"))
    assert "You edited this draft; somebody else who sets policy publishes it. Bob may." in said
    refused = browser(ida).post("/policies/draft/publication/", {"seen": seen()})
    assert refused.status_code == 422
    assert "Publish as version 2" in text(browser(bob).get("/policies/draft/"))
    browser(bob).post("/policies/draft/publication/", {"seen": seen()})
    assert PolicyVersion.objects.in_force().number == 2


def test_alone_one_is_told_that_nobody_else_may(ida, refunds):
    add("Acme", by=ida)

    assert "Nobody else may set policies yet" in text(browser(ida).get("/policies/draft/"))


def test_of_two_editors_the_second_is_told_who_came_first_and_loses_nothing(ida, bob, refunds):
    add("Zeta", by=ida)
    opened = seen()
    add("Beta", by=bob)
    policies.move_route(2, 1, seen=seen(), by=bob, at=NINE)  # so Zeta stands elsewhere by now

    client = browser(ida)
    typed = ROUTE | {"name": "Zeta prime", "was": "Zeta", "seen": opened}
    page = client.post("/policies/draft/routes/1/", typed)
    assert page.status_code == 422
    assert "Bob changed the draft on Fri 20 Nov at 09:00, after you opened it" in text(page)
    assert page.context["form"]["name"].value() == "Zeta prime"
    assert page.context["action"] == "/policies/draft/routes/2/"

    client.post(page.context["action"], typed | {"seen": page.context["seen"]})
    assert routes() == ["Beta", "Zeta prime", "The default route"]


def test_a_route_that_somebody_removed_meanwhile_would_be_added_again(ida, bob, refunds):
    add("Zeta", by=ida)
    opened = seen()
    policies.remove_route(1, seen=opened, by=bob, at=NINE)

    typed = ROUTE | {"name": "Zeta prime", "was": "Zeta", "seen": opened}
    page = browser(ida).post("/policies/draft/routes/1/", typed)
    assert page.context["action"] == "/policies/draft/routes/new/"


def test_a_note_is_kept_in_the_page_when_somebody_came_first(ida, bob, refunds):
    add("a", by=ida)
    opened = seen()
    add("b", by=bob)

    page = browser(ida).post("/policies/draft/note/", {"note": "Because.", "seen": opened})
    assert page.status_code == 422
    assert "Because." in page.content.decode()
    browser(ida).post("/policies/draft/note/", {"note": "Because.", "seen": seen()})
    assert draft().note == "Because."


def test_one_goes_back_to_an_earlier_version_in_one_act(ida, bob, refunds):
    add("Acme", by=ida)
    policies.publish(seen=seen(), by=bob, at=NINE)
    client = browser(ida)

    client.post("/policies/versions/1/restoration/", {"in_force": "1"})  # seen too long ago
    assert PolicyVersion.objects.in_force().number == 2
    client.post("/policies/versions/1/restoration/", {"in_force": "2"})
    said = text(client.get("/policies/"))
    assert "Version 3 is in force; it says what version 1 said." in said
    assert "Back to version 1." in said


def test_what_people_name_things_is_never_markup(ida, refunds):
    add("<b>bold</b>", by=ida)

    body = browser(ida).get("/policies/draft/").content.decode()
    assert "<b>bold</b>" not in body and "&lt;b&gt;bold&lt;/b&gt;" in body


def test_a_draft_is_tried_on_the_last_cases(ida, refunds):
    reader = make_reviewer(refunds, username="reader")
    reader.user_permissions.add(Permission.objects.get(codename="set_policies"))
    case = handed_off_case(refunds)
    add(case.tenant, by=ida)
    policies.change_route(
        1,
        policies.of(draft()).routes[0].as_facts() | {"stakes_floor": "critical"},
        seen=seen(),
        by=ida,
        at=NINE,
    )

    said = text(browser(reader).get("/policies/draft/simulation/?last=50"))
    assert "1 of the last 1 case would go another way" in said
    assert case.reference in said and f"{case.tenant} new 1" in said
    said = text(browser(ida).get("/policies/draft/simulation/?last=lots"))
    assert case.reference not in said and "1 of them is not yours to read" in said
