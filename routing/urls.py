from django.urls import path

from routing.views import drafts, editing, explanation, policies

app_name = "routing"
urlpatterns = [
    path("", policies.index, name="policies"),
    path("versions/<int:number>/", policies.version, name="version"),
    path("versions/<int:number>/restoration/", drafts.restore, name="restore"),
    path("cases/<str:name>/", explanation.explanation, name="explanation"),
    path("draft/", drafts.draft, name="draft"),
    path("draft/note/", drafts.describe, name="describe"),
    path("draft/discard/", drafts.discard, name="discard"),
    path("draft/publication/", drafts.publish, name="publish"),
    path("draft/simulation/", drafts.simulate, name="simulate"),
    path("draft/yaml/", editing.written, name="yaml"),
    path("draft/routes/new/", editing.route, name="add_route"),
    path("draft/routes/<int:position>/", editing.route, name="edit_route"),
    path("draft/routes/<int:position>/<slug:act>/", editing.move_route, name="move_route"),
    path("draft/sla/new/", editing.sla_policy, name="add_sla"),
    path("draft/sla/<slug:slug>/", editing.sla_policy, name="edit_sla"),
    path("draft/sla/<slug:slug>/removal/", editing.remove_sla, name="remove_sla"),
]
