"""How the course runs JupyterLab: the settings of the server, beside those of the user."""
