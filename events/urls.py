from django.urls import path

from events import views

app_name = "events"

urlpatterns = [
    path("<uuid:uuid>/", views.register_page, name="register"),
    path("traduction/<uuid:event>/<uuid:key>/", views.to_original, name="to-original"),
    path("<uuid:uuid>/demande-recue/", views.received_page, name="received"),
    path("confirmer/<str:token>/", views.confirm_page, name="confirm"),
    path("participer/<str:token>/", views.take_part_page, name="take-part"),
    path("annuler/<str:token>/", views.cancel_page, name="cancel"),
    path("attestation/<str:token>/", views.certificate_page, name="certificate"),
]
