from django.contrib.auth.views import LogoutView
from django.urls import path

from reviewers.views import account, account_sign_in, cases, queue, work

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
    path("account/", account.index, name="account"),
    path("account/display/", account.display, name="display"),
    path("account/password/", account.password, name="password"),
    path("sign-in/", account_sign_in.sign_in, name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
