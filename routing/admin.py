from django.contrib import admin
from django_rq.models import Dashboard

# Its pages let everybody on the staff read, empty and re-run the queues. What is due is a row in
# PostgreSQL; ``doctor`` and ``/readyz`` say how the workers are.
admin.site.unregister(Dashboard)
