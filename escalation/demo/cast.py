"""Who works at the demo's desk: roles, the four sign-ins, and colleagues who decided before you came."""

from dataclasses import dataclass

AGENT = "demo-agent"
AGENT_TYPE = "demo"


@dataclass(frozen=True)
class RoleOf:
    slug: str
    name: str
    decides: str
    higher: str = ""


@dataclass(frozen=True)
class Person:
    username: str
    first_name: str
    last_name: str
    time_zone: str
    roles: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.username}@desk.example"


ROLES = [  # the higher ones first, since the others name them
    RoleOf("duty-director", "Duty director", "Decides what lower roles pass up."),
    RoleOf("treasury", "Treasury", "Decides payments that payments control passes up."),
    RoleOf("credit-committee", "Credit committee", "Decides credit that review passes up."),
    RoleOf(
        "refunds-compliance", "Refunds compliance",
        "Decides refunds and goodwill beyond an agent's own limit.", "duty-director",
    ),
    RoleOf(
        "payments-control", "Payments control",
        "Decides payments over the limit, to new accounts, or that look like fraud.", "treasury",
    ),
    RoleOf(
        "access-review", "Access review",
        "Decides who may use which system, and for how long.", "duty-director",
    ),
    RoleOf(
        "data-protection", "Data protection",
        "Decides erasure and disclosure of personal data.", "duty-director",
    ),
    RoleOf(
        "credit-review", "Credit review",
        "Decides credit for natural persons, as a person.", "credit-committee",
    ),
    RoleOf(
        "communications", "Communications",
        "Decides what is said in public or to many at once.", "duty-director",
    ),
    RoleOf(
        "production-changes", "Production changes",
        "Decides deletion and changes of prices in production.", "duty-director",
    ),
    RoleOf(
        "customer-care", "Customer care",
        "Decides what agents want to do for a customer and no other role owns.", "duty-director",
    ),
]  # fmt: skip
DAILY = (
    "access-review", "communications", "credit-review", "customer-care", "data-protection",
    "payments-control", "production-changes", "refunds-compliance",
)  # fmt: skip
HIGHER = ("credit-committee", "duty-director", "treasury")

REVIEWER = Person("reviewer", "Maya", "Lindqvist", "Europe/Oslo", (*DAILY, "operations"))
# In communications the manager is the second pair of eyes that a critical case takes.
MANAGER = Person(
    "manager", "Oskar", "Haug", "Europe/Oslo", (*HIGHER, "communications", "customer-care")
)
AUDITOR = Person("auditor", "Helen", "Ward", "Europe/London")
ADMIN = Person("admin", "Sam", "Okafor", "Europe/London")
SIGN_INS = [REVIEWER, MANAGER, AUDITOR, ADMIN]  # each with its name as password

COLLEAGUES = [  # who cannot sign in: they have no password
    Person("nora.lind", "Nora", "Lind", "Europe/Oslo", ("refunds-compliance", "communications")),
    Person(
        "tomas.berg", "Tomas", "Berg", "Europe/Stockholm",
        ("payments-control", "production-changes", "treasury"),
    ),
    Person(
        "priya.nair", "Priya", "Nair", "Europe/London",
        ("access-review", "payments-control", "production-changes"),
    ),
    Person("kenji.mori", "Kenji", "Mori", "Asia/Tokyo", ("credit-review", "refunds-compliance")),
    Person("ana.reis", "Ana", "Reis", "America/New_York", ("refunds-compliance",)),
    Person("rui.costa", "Rui", "Costa", "Europe/Lisbon", ("refunds-compliance",)),
    Person("amina.yusuf", "Amina", "Yusuf", "Europe/London", ("communications", "data-protection")),
]  # fmt: skip
