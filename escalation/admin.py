from django.contrib import admin

from escalation import calendaradmin  # noqa: F401 -- registers itself

admin.site.site_header = admin.site.site_title = "Recourse"
admin.site.index_title = "The roster desk"
admin.site.enable_nav_sidebar = False
