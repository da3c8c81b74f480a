"""The students' files over the line."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from lib.leaderboard.site.offered import offered_files
from lib.leaderboard.site.site import site_of


def send_file(request: Request) -> Response:
    """GET /images/{name}: one of the files, for who has a session."""
    site = site_of(request)
    site.visitor(request, "student", "staff")
    name = request.path_params["name"]
    if name not in {file.name for file in offered_files(site.settings.files)}:
        raise HTTPException(404)
    return FileResponse(site.settings.files / name, filename=name)
