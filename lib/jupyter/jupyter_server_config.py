"""Settings for Jupyter's server, which reads them beside the user's own (lib/jupyter/start.py says so)."""

from lib.jupyter.no_delay import send_at_once

send_at_once()
