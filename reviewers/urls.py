from django.contrib.auth.views import LogoutView
from django.urls import path

from reviewers.views import account, account_sign_in, cases, feeds, imports, notices, oncall, queue, standins, work

app_name = "reviewers"
urlpatterns = [
    path("", work.index, name="work"),
    path("queue/", queue.index, name="queue"),
    path("queue/decided/", queue.decided, name="decided"),
    path("queue/news/", queue.news, name="news"),
    path("cases/<str:name>/", cases.case, name="case"),
    path("cases/<str:name>/decision/", cases.decide, name="decide"),
    path("cases/<str:name>/standing/", cases.standing, name="standing"),
    path("cases/<str:name>/raw/<slug:part>/", cases.raw, name="raw"),
    path("cases/<str:name>/steps/<int:position>/<slug:part>/", cases.raw, name="raw_step"),
    path("on-call/", oncall.index, name="on_call"),
    path("on-call/swaps/<uuid:swap>/<slug:act>/", standins.answer, name="answer_swap"),
    path("on-call/feeds/<str:secret>.ics", feeds.feed, name="feed"),
    path("on-call/import/", imports.index, name="import"),
    path("on-call/<slug:slug>/", oncall.role, name="role_on_call"),
    path("on-call/<slug:slug>/stand-in/", standins.stand_in, name="stand_in"),
    path("on-call/<slug:slug>/swap/", standins.swap, name="swap"),
    path(
        "on-call/<slug:slug>/overrides/<uuid:override>/withdrawal/",
        standins.withdraw,
        name="withdraw_override",
    ),
    path("account/", account.index, name="account"),
    path("account/away/", standins.away, name="away"),
    path("account/away/<uuid:absence>/return/", standins.return_early, name="return_early"),
    path("account/notices/<uuid:notice>/seen/", notices.see, name="see_notice"),
    path("account/feeds/", feeds.index, name="feeds"),
    path("account/feeds/<uuid:feed_id>/revocation/", feeds.revoke, name="revoke_feed"),
    path("account/display/", account.display, name="display"),
    path("account/password/", account.password, name="password"),
    path("sign-in/", account_sign_in.sign_in, name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
