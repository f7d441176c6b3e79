from django.urls import path

from plateward.search import views

app_name = "search"
urlpatterns = [
    path("", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("<uuid:search_id>/", views.results, name="results"),
]
