from django.urls import path

from plateward.control import emergency_views, review_views, views, window_views

app_name = "control"
urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<uuid:pk>/", views.account, name="account"),
    path("accounts/<uuid:pk>/<slug:task>/", views.act, name="act"),
    path("windows/", window_views.windows, name="windows"),
    path("windows/new/", window_views.open_window, name="open-window"),
    path("windows/<uuid:pk>/", window_views.window, name="window"),
    path("windows/<uuid:pk>/close/", window_views.close, name="close-window"),
    path("reviews/", review_views.reviews, name="reviews"),
    path("reviews/<uuid:pk>/", review_views.review, name="review"),
    path("reviews/<uuid:pk>/accounts.csv", review_views.download, name="review-csv"),
    path("reviews/accounts/<uuid:pk>/", review_views.decide, name="review-item"),
    path("emergency/", emergency_views.emergencies, name="emergencies"),
    path("emergency/end/", emergency_views.end, name="end-emergency"),
    path("emergency/<uuid:pk>/", emergency_views.emergency, name="emergency"),
]
