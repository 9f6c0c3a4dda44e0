import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import escalation.models.cases
import escalation.models.ledger
import escalation.models.principals


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        # references are made of it, so it comes before the cases
        migrations.RunSQL(
            "CREATE SEQUENCE escalation_case_number START 1001",
            "DROP SEQUENCE escalation_case_number",
        ),
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.SlugField(max_length=64, unique=True)),
                (
                    "type",
                    models.CharField(
                        blank=True, help_text="What it does, such as refunds.", max_length=64
                    ),
                ),
                ("secret_version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[escalation.models.principals.known_time_zone],
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="AgentKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("cases:write", "open cases and add to them"),
                                ("cases:read", "read own cases"),
                                ("evaluate", "ask the rules before acting"),
                            ],
                            max_length=32,
                        ),
                        default=escalation.models.principals.all_scopes,
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="escalation.agent",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=escalation.models.cases.NextNumber(), editable=False, unique=True
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=255)),
                ("request_digest", models.CharField(max_length=71)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "in no hands yet"),
                            ("awaiting", "awaiting a decision"),
                            ("information_requested", "waiting for information"),
                            ("held", "held"),
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=32,
                    ),
                ),
                (
                    "stakes",
                    models.CharField(
                        choices=[
                            ("low", "low"),
                            ("medium", "medium"),
                            ("high", "high"),
                            ("critical", "critical"),
                        ],
                        max_length=16,
                    ),
                ),
                ("role_wish", models.CharField(blank=True, max_length=64)),
                ("question", models.TextField()),
                ("recommended", models.CharField(blank=True, max_length=64)),
                ("action", models.CharField(blank=True, max_length=255)),
                ("amount", models.DecimalField(decimal_places=10, max_digits=30, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("tenant", models.CharField(blank=True, max_length=255)),
                ("user_id", models.CharField(blank=True, max_length=255)),
                ("run", models.CharField(blank=True, max_length=255)),
                ("batch", models.CharField(blank=True, max_length=255)),
                ("agent_version", models.CharField(blank=True, max_length=255)),
                ("digest", models.CharField(max_length=71)),
                ("version", models.PositiveIntegerField(default=1)),
                ("callback_url", models.TextField(blank=True)),
                ("state", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="escalation.agent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dispatch", "find hands for a case"),
                            ("delivery", "tell an agent"),
                        ],
                        max_length=16,
                    ),
                ),
                ("target", models.UUIDField()),
                ("due_at", models.DateTimeField()),
                ("claims", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("due_at"), condition=models.Q(("done_at", None)), name="effect_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "target"), name="effect_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "xid",
                    escalation.models.ledger.XID8Field(
                        db_default=escalation.models.ledger.CurrentTransaction(), editable=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=128)),
                ("on_behalf_of", models.CharField(blank=True, max_length=128)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=128)),
                ("body", models.BinaryField()),
                ("leaf", models.BinaryField(max_length=32)),
            ],
            options={
                "ordering": ["id"],
                "permissions": [("audit_desk", "Can read and export the whole record")],
                "indexes": [
                    models.Index(models.F("subject"), models.F("id"), name="event_of_subject"),
                    models.Index(models.F("action"), models.F("id"), name="event_of_action"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("key", models.CharField(max_length=64)),
                ("label", models.TextField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("approve", "approve"),
                            ("modify", "modify"),
                            ("reject", "reject"),
                            ("escalate", "escalate"),
                            ("other", "other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("parameters", models.JSONField(null=True)),
                ("consequences", models.JSONField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="options",
                        to="escalation.case",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("digest", models.CharField(max_length=71)),
                ("received_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packages",
                        to="escalation.case",
                    ),
                ),
            ],
            options={
                "ordering": ["version"],
            },
        ),
        migrations.CreateModel(
            name="Resumption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("skipped", "skipped"),
                        ],
                        max_length=16,
                    ),
                ),
                ("detail", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resumption",
                        to="escalation.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("slug", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="What this role decides, in a sentence."
                    ),
                ),
                (
                    "higher_role",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where an answer that passes the case up goes.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lower_roles",
                        to="escalation.role",
                    ),
                ),
            ],
            options={
                "ordering": ["slug"],
                "permissions": [
                    ("read_cases", "Can read the cases of this role"),
                    ("decide_cases", "Can decide the cases of this role"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Handoff",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("wished", "the agent named the role"),
                            ("default", "the default route"),
                            ("passed_up", "passed up by a reviewer"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn by the agent"),
                            ("passed_up", "passed up"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs",
                        to="escalation.case",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs",
                        to="escalation.role",
                    ),
                ),
            ],
            options={
                "ordering": ["started_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("approve", "approve"),
                            ("modify", "modify"),
                            ("reject", "reject"),
                            ("escalate", "escalate"),
                            ("other", "other"),
                            ("no_answer", "no answer"),
                        ],
                        max_length=16,
                    ),
                ),
                ("permitted", models.BooleanField()),
                ("parameters", models.JSONField(null=True)),
                ("rationale", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "a person"), ("fallback", "a fallback")], max_length=16
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=71)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="escalation.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overturns",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overturned_by",
                        to="escalation.decision",
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="escalation.option",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="escalation.role"
                    ),
                ),
            ],
            options={
                "ordering": ["decided_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="role",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="escalation.role",
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("type", models.CharField(max_length=64)),
                ("webhook_id", models.CharField(max_length=64, unique=True)),
                ("url", models.TextField(blank=True)),
                ("body", models.BinaryField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("delivered", "delivered"),
                            ("resumed", "resumed"),
                            ("failing", "failing"),
                            ("dead", "dead"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("delivered_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="escalation.case",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="escalation.decision",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(models.F("case"), models.F("created_at"), name="delivery_of_case")
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("value", models.BinaryField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="escalation.event",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("event", "name"), name="disclosure_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("salt", None), ("value", None)),
                            models.Q(("salt__isnull", False), ("value__isnull", False)),
                            _connector="OR",
                        ),
                        name="disclosure_whole_or_erased",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("key", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("message", "message"),
                            ("tool_call", "tool call"),
                            ("retrieval", "retrieval"),
                            ("reasoning", "reasoning"),
                            ("conclusion", "conclusion"),
                            ("error", "error"),
                            ("other", "other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("duration_ms", models.BigIntegerField(null=True)),
                ("must_read", models.BooleanField(default=False)),
                ("body", models.JSONField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="escalation.case",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "evidence",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "position"), name="evidence_position_once"
                    ),
                    models.UniqueConstraint(fields=("case", "key"), name="evidence_key_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Firing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("confidence", "confidence"),
                            ("boundary", "boundary"),
                            ("anomaly", "anomaly"),
                            ("risk", "risk"),
                            ("policy", "policy"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("observed", models.JSONField(null=True)),
                ("operator", models.CharField(max_length=8)),
                ("threshold", models.JSONField(null=True)),
                ("detail", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="escalation.case",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "position"), name="firing_position_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(fields=("case", "key"), name="option_key_once"),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(
                fields=("case", "position"), name="option_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.UniqueConstraint(
                fields=("case", "version"), name="package_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("higher_role", models.F("id")), _negated=True),
                name="role_not_its_own_higher",
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("ended_at", None)), name="handoff_due"
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["role", "-started_at"],
                name="handoff_current_in_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("case",), name="handoff_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", ""), ("ended_at", None)),
                    models.Q(("ended_at__isnull", False), models.Q(("end", ""), _negated=True)),
                    _connector="OR",
                ),
                name="handoff_end_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="handoff_ends_after_it_starts",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["decided_by", "-decided_at"], name="decision_of_person"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("overturns", None)),
                fields=("case",),
                name="decision_first_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "person"),
                        ("outcome__in", ("approve", "modify")),
                        ("permitted", True),
                    ),
                    models.Q(
                        ("permitted", False),
                        models.Q(("outcome__in", ("approve", "modify")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="decision_only_a_person_permits",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_by__isnull", False),
                        ("kind", "person"),
                        ("option__isnull", False),
                        models.Q(("outcome", "no_answer"), _negated=True),
                    ),
                    models.Q(
                        ("decided_by", None),
                        ("kind", "fallback"),
                        ("option", None),
                        ("outcome", "no_answer"),
                        ("permitted", False),
                    ),
                    _connector="OR",
                ),
                name="decision_person_or_no_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome", "escalate"), _negated=True),
                name="decision_is_not_an_escalation",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["agent", "-id"], name="case_of_agent"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status", "awaiting")),
                fields=["role", "created_at", "id"],
                name="case_waiting_in_role",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ("decided", "withdrawn"))),
                fields=["-ended_at", "-id"],
                name="case_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("batch", ""), _negated=True),
                fields=["agent", "batch"],
                name="case_batch",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("run", ""), _negated=True),
                fields=["agent", "run"],
                name="case_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("agent", "idempotency_key"), name="case_key_once_per_agent"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["open", "withdrawn"]), ("role__isnull", False), _connector="OR"
                ),
                name="case_in_hands_has_a_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status__in", ("decided", "withdrawn"))),
                    models.Q(
                        models.Q(("status__in", ("decided", "withdrawn")), _negated=True),
                        ("ended_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="case_ended_at_when_ended",
            ),
        ),
    ]
