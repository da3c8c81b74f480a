"""Settings for Jupyter's server, which reads them as settings.py says."""

from lib.jupyter.no_delay import send_at_once

send_at_once()
