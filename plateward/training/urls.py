from django.urls import path

from plateward.training import session_views, views

app_name = "training"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("board/", views.board, name="board"),
    path("board.csv", views.board_csv, name="board-csv"),
    path("courses/", views.courses, name="courses"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/<uuid:pk>/assign/", views.assign, name="assign"),
    path("assignments/<uuid:pk>/withdraw/", views.withdraw_assignment, name="withdraw-assignment"),
    path("certificates/<uuid:pk>/", views.certificate, name="certificate"),
    path("certificates/<uuid:pk>/file/", views.attach, name="attach"),
    path("certificates/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("files/<uuid:pk>/", views.proof, name="proof"),
    path("sessions/new/", session_views.plan, name="plan"),
    path("sessions/<uuid:pk>/", session_views.session, name="session"),
    path("sessions/<uuid:pk>/sheet/", session_views.sheet, name="sheet"),
    path("sessions/<uuid:pk>/<slug:task>/", session_views.act, name="act"),
]
