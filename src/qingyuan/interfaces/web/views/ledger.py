"""The ledger of a device."""

from django.urls import path
from qingyuan.interfaces.web.context import without_data
from django.http import HttpResponse


@without_data
def page(request, mn):
    return HttpResponse("")


urlpatterns = [path("devices/<path:mn>/ledger/", page, name="device_ledger")]
