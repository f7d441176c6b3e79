"""The demonstration's own address; only a demonstration's data folder includes it."""

from django.urls import path

from plateward.config.demo import authenticator

app_name = "demonstration"
urlpatterns = [path("", authenticator.codes_page, name="codes")]
