from django.urls import path

from newsletter import views

app_name = "newsletter"
urlpatterns = [
    path("inscription/", views.subscribe, name="subscribe"),
    path("inscription/recue/", views.received, name="received"),
    path("lien/", views.link, name="link"),
    path("confirmer/<str:token>/", views.confirm, name="confirm"),
    path("mes-choix/<str:token>/", views.preferences, name="preferences"),
    path("mes-choix/<str:token>/donnees.json", views.download, name="download"),
    path("desabonnement/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
