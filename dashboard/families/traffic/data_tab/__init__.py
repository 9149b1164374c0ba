"""The tab that says what a forecasting model's data is, detector by detector, and what is wrong with it."""

from __future__ import annotations

from dashboard.families.traffic.data_tab import callbacks
from dashboard.later import later
from dashboard.pages.model.tab import Tab

TAB = Tab("data", "Data", 40, later("dashboard.families.traffic.data_tab.layout:body"), callbacks.register)
