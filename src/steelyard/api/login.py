"""The form in which a browser shows the administrator's key. The key itself is never kept in the browser."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from steelyard.api.gate import SESSION_COOKIE, SESSION_S, Entry, Gate, Group
from steelyard.api.schemas import Problem, read_content

__all__ = ["LOGIN", "login_entries", "login_page", "wants_page"]

LOGIN = "/login"
_MAX_FORM_BYTES = 4096
_PATH = re.compile(r"/(?!/)[\w/?=&%.~-]*", re.ASCII)
_FORM = "application/x-www-form-urlencoded"


def login_entries(gate: Gate) -> list[Entry]:
    """``/login``: the form, and where it is sent to."""

    async def login(request: Request) -> Response:
        if request.method != "POST":
            return login_page("/decision", Problem(200, "", ""))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise Problem(415, "unsupported_media_type", f"the form is sent as {_FORM}")
        fields = _fields(await read_content(request, _MAX_FORM_BYTES))
        back = _own(fields.get("next", "/decision"))
        if gate.is_guarded:
            try:
                await gate.try_key(request, fields.get("key", "").strip())
            except Problem as problem:
                return login_page(back, problem)
        return _let_in(back, gate, is_https=gate.is_https(request))

    return [Entry(LOGIN, login, Group.SHOPPER, ("GET", "POST"))]


def wants_page(request: Request) -> bool:
    """Whether a person looks at this in a browser."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def login_page(back: str, problem: Problem) -> Response:
    """The form; what was wrong with the last try stands above it."""
    tried = problem.code not in ("", "no_key")
    said = f'<p role="alert"><strong>{html.escape(problem.message)}</strong></p>' if tried else ""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Administrator’s key · 管理员密钥</title>"
        '<link rel="stylesheet" href="/static/style.css"></head><body><main class="page">'
        "<h1>Administrator’s key · 管理员密钥</h1>"
        "<p>This page is for the shop’s own people. The key was shown when the server was first started; "
        "<code>steelyard serve --new-admin-key</code> makes a new one.</p>"
        '<p lang="zh">此页面仅供本店人员使用。密钥在服务器首次启动时显示过一次；遗失时用 '
        f"<code>steelyard serve --new-admin-key</code> 重新生成。</p>{said}"
        f'<form method="post" action="{LOGIN}"><input type="hidden" name="next" value="{html.escape(back)}">'
        '<p><label>Key · 密钥 <input type="password" name="key" autocomplete="current-password" required autofocus>'
        '</label> <button type="submit" class="primary">Open · 进入</button></p></form></main></body></html>'
    )
    headers = {**problem.headers, "cache-control": "no-store"}
    return HTMLResponse(body, status_code=problem.status, headers=headers)


def _let_in(back: str, gate: Gate, *, is_https: bool) -> Response:
    response = RedirectResponse(back, status_code=303, headers={"cache-control": "no-store"})
    response.set_cookie(
        SESSION_COOKIE, gate.session(), max_age=SESSION_S, path="/", httponly=True, samesite="strict", secure=is_https
    )
    return response


def _fields(content: bytes) -> dict[str, str]:
    try:
        found = parse_qs(content.decode("utf-8", "replace"), max_num_fields=5)
    except ValueError as error:
        raise Problem(400, "bad_value", "the form holds a key and where to go next, nothing else") from error
    return {name: values[0] for name, values in found.items()}


def _own(address: str) -> str:
    """A path of this server, or the decision: nobody is sent elsewhere by a form."""
    return address if _PATH.fullmatch(address) else "/decision"
