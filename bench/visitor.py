"""An owner in front of the relay's pages: signs in, and asks for what he wants to see."""

import http.client
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urlencode

from bench.program import NotRunningError


def sign_in(host: str, device: str, token: str) -> str:
    """The cookies of a session. Raises: NotRunningError."""
    with closing(http.client.HTTPConnection(host)) as connection:
        answer = post_form(connection, "/signin", {"device_id": device, "token": token})
    cookies = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


def post_form(
    connection: http.client.HTTPConnection, path: str, fields: Mapping[str, str], cookie: str = ""
) -> http.client.HTTPResponse:
    """Raises: NotRunningError: it was not taken."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", path, urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise NotRunningError(f"{path} answered {answer.status}")
    return answer


def get_page(connection: http.client.HTTPConnection, path: str, cookie: str) -> str:
    """Raises: NotRunningError."""
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise NotRunningError(f"{path} answered {answer.status}")
    return text
