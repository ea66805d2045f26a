from django.urls import path

from network import views

app_name = "network"

urlpatterns = [
    path("departements/<str:code>/", views.department_sheet, name="sheet"),
    path("verifier/<str:token>/", views.confirm, name="confirm"),
    path("verifier/<str:token>/corriger/", views.correct, name="correct"),
    path("<int:pk>-<slug:slug>/", views.structure, name="structure"),
]
