from django.contrib import admin
from django.urls import include, path

from escalation.api.urls import api
from escalation.views import agents, api_docs, audit, docs, hats, health, setup, urgent

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/docs", api_docs.browse, name="api_docs"),
    path("api/v1/", api.urls),
    path("urgent/", urgent.index, name="urgent"),
    path("agents/", agents.index, name="agents"),
    path("agents/<slug:name>/keys/", agents.issue, name="issue_key"),
    path("agents/<slug:name>/money/", agents.money, name="agent_money"),
    path("agents/<slug:name>/stop/", agents.stop, name="stop_agent"),
    path("agents/<slug:name>/start/", agents.start, name="start_agent"),
    path("agents/keys/<uuid:key_id>/revocation/", agents.revoke, name="revoke_key"),
    path("audit/", audit.index, name="audit"),
    path("audit/export/", audit.export_file, name="audit_export"),
    path("audit/<str:name>/", audit.case, name="audit_case"),
    path("account/acting-as/", hats.switch, name="acting_as"),
    path("docs/", docs.index, name="docs"),
    path("docs/<path:name>/", docs.page, name="docs_page"),
    path("set-up/<str:token>/", setup.first_admin, name="first_admin"),
    path("", include("reviewers.sign_in_urls")),  # before the admin, which has a door of its own
    path("admin/", admin.site.urls),
    path("policies/", include("routing.urls")),
    path("", include("reviewers.urls")),
]

handler400 = "escalation.views.errors.bad_request"
handler403 = "escalation.views.errors.forbidden"
handler404 = "escalation.views.errors.not_found"
handler500 = "escalation.views.errors.broken"
