"""Where Slack tells of clicks in the desk's messages: open to it alone, by its signature."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from reviewers.chat import answering, clicks, signed, slack

MOST = 64 * 1024  # bytes; Slack's own are a tenth of it
logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@never_cache
def interactivity(request: HttpRequest) -> HttpResponse:
    """Take one click. Whatever came of it is an answer: Slack shows nothing of another status."""
    if not settings.SLACK_SIGNING_SECRET:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    body = request.read(MOST + 1)
    if len(body) > MOST:
        return _plain("The body is too large.", 413)
    at = now()
    try:
        signed.check(request.headers, body, at=at)
        click = clicks.read(body)
    except signed.NotSigned as refusal:
        logger.warning("A request to the Slack address was refused: %s.", refusal)
        return _plain("This is not signed by Slack, or not of now.", 401)
    except signed.Replayed:
        return _plain("This request was taken before.", 409)
    except clicks.NotUnderstood as refusal:
        logger.warning("A request of Slack was not understood: %s.", refusal)
        return _plain("This is nothing that the desk asked for.", 400)
    if click is None:
        return HttpResponse(status=200)
    answer = answering.answer(click, at=at)
    slack.reply(click.response_url, answer)
    return JsonResponse(slack.replied(answer))


def _plain(said: str, status: int) -> HttpResponse:
    return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
