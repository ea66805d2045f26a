from django.urls import path

from contributions import views

app_name = "contributions"
urlpatterns = [
    path("", views.choose, name="choose"),
    path("recu/", views.received, name="received"),
    path("fichiers/", views.upload, name="upload"),
    path("suivi/<str:token>/", views.follow, name="follow"),
    path("suivi/<str:token>/modifier/", views.amend, name="amend"),
    path("suivi/<str:token>/retirer/", views.withdraw, name="withdraw"),
    path("<slug:slug>/", views.contribute, name="contribute"),
]
