from django.urls import path

from plateward.search import analysis_views, views

app_name = "search"
urlpatterns = [
    path("", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("travel/", analysis_views.travel, name="travel"),
    path("incidents/", analysis_views.incidents, name="incidents"),
    path("analyses/", analysis_views.analyses, name="analyses"),
    path("analyses/<uuid:analysis_id>/", analysis_views.show, name="analysis"),
    path("<uuid:search_id>/", views.results, name="results"),
]
