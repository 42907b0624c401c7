"""The addresses of the documentation. Those of error and failure codes are promised: others link to them."""

from django.urls import path

from api.docs import views

urlpatterns = [
    path("", views.home, name="home"),
    path("guides/<slug:slug>", views.guide, name="guide"),
    path("reference", views.reference, name="reference"),
    path("reference/<slug:slug>", views.operation, name="operation"),
    path("errors", views.errors, name="errors"),
    path("errors/<slug:code>", views.error, name="error"),
    path("failures/", views.failures, name="failures"),
    path("failures/<slug:code>/", views.failure, name="failure"),
]
