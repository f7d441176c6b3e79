from django.urls import path

from plateward.audits import finding_views, views

app_name = "audits"
urlpatterns = [
    path("", views.audits, name="audits"),
    path("redraw.py", views.redraw, name="redraw"),
    path("<uuid:pk>/", views.audit, name="audit"),
    path("<uuid:pk>/draw/", views.draw, name="draw"),
    path("<uuid:pk>/sign/", views.sign, name="sign"),
    path("<uuid:pk>/paper/<slug:what>/", views.paper, name="paper"),
    path("<uuid:pk>/check/<slug:kind>/", views.answer, name="answer"),
    path("<uuid:pk>/finding/", finding_views.make, name="make-finding"),
    path("record/<uuid:pk>/", views.item, name="item"),
    path("finding/<uuid:pk>/", finding_views.finding, name="finding"),
    path("finding/<uuid:pk>/resolve/", finding_views.resolve, name="resolve"),
    path("finding/<uuid:pk>/retest/", finding_views.retest, name="retest"),
]
