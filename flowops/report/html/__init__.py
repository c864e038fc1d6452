"""Reports as one HTML file: no network, no second file, nothing to install."""

from flowops.report.html.pages import flow_html, plan_html

__all__ = ["flow_html", "plan_html"]
