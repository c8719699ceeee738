"""A site with django-appointment and nothing else, for `cargo xtask bench`.

`python django_site.py load FILE` makes the tables and takes in doctors; gunicorn serves `django_site:application`.
What slows a peer without being its work is left out, in its favour: no mail is sent, nobody's code is asked for (the
header X-Patient says who asks), pages are cached as in production, sessions are kept in signed cookies.
"""

import os
import sys

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="django_site",
    USE_TZ=True,
    TIME_ZONE="UTC",
    LANGUAGE_CODE="en",
    PHONENUMBER_DEFAULT_REGION="RU",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    EMAIL_HOST="localhost",
    EMAIL_PORT=25,
    EMAIL_HOST_USER="",
    EMAIL_HOST_PASSWORD="",
    EMAIL_USE_TLS=False,
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    STATIC_URL="/static/",
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["BENCH_DATABASE"],
            "USER": "recomed",
            "HOST": os.environ["BENCH_SOCKET"],
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "phonenumber_field",
        "appointment",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_site.patient",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
import logging

logging.disable(logging.CRITICAL)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.urls import include, path

urlpatterns = [path("", include("appointment.urls"))]

# Patients stand behind the doctors in the table of users.
PATIENTS = 4000
FIRST_PATIENT = 1_000_001


def patient(get_response):
    """Whoever the header names is signed in."""
    from django.contrib.auth import get_user_model

    def answer(request):
        number = request.META.get("HTTP_X_PATIENT")
        if number:
            request.user = get_user_model().objects.get(pk=FIRST_PATIENT + int(number) % PATIENTS)
        return get_response(request)

    return answer


def load(file):
    """Lines of FILE: number, minutes of a visit, then weekday:from:to of each weekday, minutes of the day."""
    from datetime import time, timedelta

    from appointment.models import Service, StaffMember, WorkingHours
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    # The app ships no migrations: its tables are made from its models, after those that they point at.
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", verbosity=0, run_syncdb=True)
    user = get_user_model()
    clock = lambda minutes: time(min(minutes, 1439) // 60, min(minutes, 1439) % 60)
    users, staff, hours, services, offered = [], [], [], {}, []
    for line in open(file):
        number, minutes, *days = line.split()
        number, minutes = int(number), int(minutes)
        users.append(user(pk=number, username=f"d{number}", first_name=f"Doctor {number}", email=f"d{number}@example.invalid"))
        staff.append(StaffMember(pk=number, user_id=number, slot_duration=minutes))
        if minutes not in services:
            services[minutes] = Service(pk=minutes, name=f"Visit of {minutes}", duration=timedelta(minutes=minutes), price=10)
        offered.append(StaffMember.services_offered.through(staffmember_id=number, service_id=minutes))
        for day in days:
            weekday, begin, end = map(int, day.split(":"))
            # Sunday is 0 here.
            hours.append(WorkingHours(staff_member_id=number, day_of_week=weekday % 7, start_time=clock(begin), end_time=clock(end)))
    for number in range(PATIENTS):
        users.append(user(pk=FIRST_PATIENT + number, username=f"p{number}", first_name="P", email=f"p{number}@example.invalid"))
    user.objects.bulk_create(users, batch_size=5000)
    Service.objects.bulk_create(services.values())
    StaffMember.objects.bulk_create(staff, batch_size=5000)
    StaffMember.services_offered.through.objects.bulk_create(offered, batch_size=5000)
    WorkingHours.objects.bulk_create(hours, batch_size=5000)
    from django.db import connection

    connection.cursor().execute("ANALYZE")


if __name__ == "__main__":
    if sys.argv[1] == "load":
        load(sys.argv[2])
else:
    application = get_wsgi_application()
