"""The demo's plan at work: people, plan, projects, reports, shares and evaluation; every page of the plan shows them."""

import io
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from small_province import province as province

from qingyuan.interfaces.jobs import demo_people, demo_plan
from qingyuan.interfaces.jobs.year import projects
from qingyuan.interfaces.jobs.year.running import Year, texts
