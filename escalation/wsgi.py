"""For tools that want WSGI. The desk itself runs on ASGI: long polls need it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escalation.settings")
application = get_wsgi_application()
