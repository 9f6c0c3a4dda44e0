"""What cases are found by, and what they must not be found by."""

import pytest

from escalation import intake, search
from escalation.models import Case
from tests.factories import NINE, handed_off_case, make_role, package, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    sent = package(
        request={"content": "Where is my “parcel”? Müller, Zürich"},
        steps=[
            step("s1", kind="tool_call", name="get_order", text=None,
                 input={"order": "W88/2", "ids": [4417, {"deep": ["bottom"]}]},
                 output={"total": "412.50"}),
            step("s2", kind="conclusion", name="verdict", text="Surely fraudulent", output={"a": "sly"}),
            step("s3", kind="reasoning", name="musing", text="Perhaps lenient"),
        ],
        triggers=[{"type": "risk", "name": "velocity_check", "operator": ">", "observed": 9,
                   "threshold": 3, "detail": "Nine tries in an hour"}],
    )  # fmt: skip
    sent["proposal"]["reasoning"] = "Goodwill covers it."
    sent["question"]["recommended"] = "modify"
    return handed_off_case(make_role(), sent)


def finds(q):
    """Return whether the one case is found, in either way of asking."""
    found = search.matching(q, "escalation_case.id")
    [by_rows] = Case.objects.raw(
        f"SELECT min(id::text)::uuid AS id FROM escalation_case WHERE true {found.sql}",
        found.values,
    )
    in_list = search.among(Case.objects.all(), q).exists()
    assert in_list == (by_rows.pk is not None)
    return in_list


@pytest.mark.parametrize(
    "q",
    ["refund", "REFUND", "refu", "issue_refund", "parcel", "muller", "Zürich", "W88", "w88/2", "412.50",
     "4417", "bottom", "ida holm", "cus_19", "nordic-retail", "velocity", '"nine tries"', "get_order",
     "order refund", "ord*", "thread-8841", '"where is my parcel"', '"where is my'],
)  # fmt: skip
def test_a_case_is_found_by(case, q):
    assert finds(q)


@pytest.mark.parametrize(
    "q",
    ["fraudulent", "verdict", "sly", "lenient", "musing", "goodwill", "modify",  # withheld
     "re", "fund", '"tries nine"', "refund cucumber", "total", "???", "0.62"],
)  # fmt: skip
def test_a_case_is_not_found_by(case, q):
    assert not finds(q)


def test_what_is_withheld_is_found_by_nobody_even_where_it_came_later(case):
    more = {
        "steps": [step("s9", kind="conclusion", text="Plainly bogus"), step("s10", text="Receipt")]
    }
    intake.add_steps(case, more, by=case.agent, at=NINE)

    assert (finds("receipt"), finds("bogus")) == (True, False)


def test_nothing_searched_for_is_every_case(case):
    assert (finds(""), finds("  ")) == (True, True)


def test_a_case_is_found_by_its_reference(case):
    assert finds(case.reference)
    assert finds(str(case.number))


@pytest.mark.parametrize(
    ("content", "q"),
    [
        ("注文をキャンセルしてください。", "キャンセル"),
        ("请退款到原来的银行卡", "退款"),
        ("أُريد استرداد المبلغ", "اريد استرداد"),
        ("กรุณาคืนเงิน", "คืนเงิน"),
        ("주문을 취소해 주세요", "취소"),
        ("ＡＢＣ１２ wide", "abc12"),
        ("Верните деньги", "ВЕРНИТЕ"),
    ],
)
def test_a_request_in_any_script_is_found_by_a_word_of_it(content, q):
    handed_off_case(make_role(), package(request={"content": content}))

    assert finds(q)
    assert not finds(q[::-1] + q)


def test_a_package_of_any_size_is_searched_in_its_first_part():
    words = " ".join(f"w{n}x" for n in range(30_000))
    handed_off_case(make_role(), package(request={"content": words}))

    assert (finds("w77x"), finds("w29999x")) == (True, False)


def test_steps_of_any_number_are_searched_in_their_first_part():
    steps = [step(f"s{n}", text=f"w{n}x {'long ' * 25}") for n in range(600)]
    handed_off_case(make_role(), package(steps=steps))

    assert (finds("w0x"), finds("w399x"), finds("w599x")) == (True, True, False)


@pytest.mark.parametrize("few", [0, 1])
def test_many_matches_are_asked_row_by_row_with_the_same_answer(case, monkeypatch, few):
    monkeypatch.setattr(search, "FEW", few)

    assert (finds("refund"), finds('"issue refund" parcel'), finds("cucumber")) == (
        True,
        True,
        False,
    )


def test_a_search_takes_one_statement_however_much_it_says(case, django_assert_num_queries):
    with django_assert_num_queries(1):
        search.matching(" ".join(f"word{n}" for n in range(50)))


def test_what_is_typed_never_breaks_a_search(case):
    for q in [
        "'",
        '"',
        "''",
        "a:*",
        "a & !b",
        "(",
        "\\",
        "%s %(x)s {}",
        "*",
        "\x00",
        "-",
        "é́",
        "<->",
    ]:
        search.matching(q)
        assert finds(q) in (True, False)
