"""
An authorization server of django-oauth-toolkit with its usual settings: OpenID Connect, one person, one client.

Arguments: a folder with cert.pem, key.pem and signing.pem. On standard input, one JSON object: the person and the client.
Prints the issuer when it listens.
"""
import json
import os
import ssl
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

folder = sys.argv[1]
given = json.load(sys.stdin)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def over_tls(environ, start_response):
    environ["wsgi.url_scheme"] = "https"
    return application(environ, start_response)


server = make_server("127.0.0.1", 0, over_tls, handler_class=Quiet)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
server.socket = context.wrap_socket(server.socket, server_side=True)
issuer = f"https://localhost:{server.server_port}/o"

from django.conf import settings

LOGIN = "<form method='post'>{% csrf_token %}{{ form }}<button>Log in</button></form>"
settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(folder, "db")}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    LOGIN_URL="/login/",
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_ISS_ENDPOINT": issuer,
        "OIDC_RSA_PRIVATE_KEY": open(os.path.join(folder, "signing.pem")).read(),
        "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "Who you are", "mail": "Your mail"},
    },
)

import django

django.setup()

from django.contrib.auth import get_user_model
from django.contrib.auth.views import LoginView
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from oauth2_provider.models import get_application_model

urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("login/", LoginView.as_view()),
]
call_command("migrate", verbosity=0)
get_user_model().objects.create_user(given["user"], password=given["password"])
get_application_model().objects.create(
    name="mailauth",
    client_id=given["clientId"],
    client_secret=given["clientSecret"],
    client_type="confidential",
    authorization_grant_type="authorization-code",
    algorithm="RS256",
    redirect_uris=given["redirectUri"],
)
application = get_wsgi_application()
print(issuer, flush=True)
server.serve_forever()
