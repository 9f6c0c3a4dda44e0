from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from escalation.models import Limit, Role
from tests.factories import make_role


def chain(*slugs):
    """Return roles of which each names the next as its higher and its backup role."""
    roles = []
    for slug in reversed(slugs):
        after = roles[-1] if roles else None
        roles.append(make_role(slug, higher_role=after, backup_role=after))
    return roles[::-1]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["higher_role", "backup_role"])
def test_a_circle_is_refused_with_its_path(name):
    refunds, care, director = chain("refunds", "care", "director")
    setattr(director, name, refunds)

    with pytest.raises(ValidationError) as refusal:
        director.full_clean()

    assert refusal.value.message_dict == {
        name: ["This would go in a circle: director → refunds → care → director."]
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["higher_role", "backup_role"])
def test_a_role_that_names_itself_is_refused(name):
    role = make_role("refunds")
    setattr(role, name, role)

    with pytest.raises(ValidationError, match="refunds → refunds"):
        role.full_clean()


@pytest.mark.django_db
def test_two_roles_may_back_each_other_only_along_different_ways():
    refunds, care = make_role("refunds"), make_role("care")
    care.higher_role, refunds.backup_role = refunds, care
    care.save()
    refunds.save()

    refunds.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["higher_role", "backup_role"])
def test_the_database_refuses_a_circle_whoever_writes_it(column):
    refunds, *_, director = chain("refunds", "care", "director")

    with pytest.raises(IntegrityError, match="in a circle: director → refunds → care → director"):
        Role.objects.filter(pk=director.pk).update(**{column: refunds})


@pytest.mark.django_db(transaction=True)
def test_of_two_halves_of_a_circle_written_at_once_one_is_refused():
    one, two = make_role(), make_role()
    together = Barrier(2)

    def write(lower, higher):
        try:
            together.wait(60)
            Role.objects.filter(pk=lower.pk).update(higher_role=higher)
        except IntegrityError:
            return "refused"
        finally:
            connection.close()
        return "written"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(write, (one, two), (two, one)))

    assert said == ["refused", "written"]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["import", "feeds", "swaps"])
def test_a_role_is_not_called_like_a_page_beside_its_own(slug):
    with pytest.raises(ValidationError, match=f"a page of its own at /on-call/{slug}/"):
        make_role(slug).full_clean()


@pytest.mark.django_db
def test_a_limit_is_never_negative():
    with pytest.raises(IntegrityError, match="limit_not_negative"):
        Limit.objects.create(role=make_role(), currency="USD", amount=-1)
