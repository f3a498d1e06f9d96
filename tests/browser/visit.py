"""How a page is come to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable

from playwright.async_api import Response

from tests.browser.looking import Look, Pairs, give_cookies
from tests.browser.story import Story

PathIn = Callable[[Story], str | Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page by its path, which may depend on what happened in the story; `fields` are posted there.

    `then` is opened afterwards.
    """

    name: str
    path: PathIn
    status: int = 200
    fields: Pairs = ()
    posts: bool = False
    signed_in: bool = True
    then: str = ""

    async def path_in(self, story: Story) -> str:
        """Where it begins."""
        path = self.path(story)
        return await path if isawaitable(path) else path

    async def open(self, look: Look, story: Story) -> None:
        """Come there in a browser that knows nothing but its reader."""
        token = story.session_token if self.signed_in else ""
        await give_cookies(look.page.context, look.origin, look.reader, token)
        path = await self.path_in(story)
        answer = await (look.post(path, self.fields) if self.posts else look.go(path))
        if self.then:
            answer = await look.go(self.then)
        self._judge(look, path, answer)

    def _judge(self, look: Look, path: str, answer: Response | None) -> None:
        assert answer is not None
        assert ("/signin" in answer.url) == ("/signin" in path), f"{path} led to {answer.url}"
        assert answer.status == self.status, f"{answer.status} at {answer.url}"
        if self.status >= 400:
            look.forgive_status()


def visit(name: str, path: str, status: int = 200) -> Visit:
    """A page whose path is known."""
    return Visit(name=name, path=lambda _: path, status=status)


def told(name: str, path: PathIn, status: int = 200) -> Visit:
    """A page whose path the story knows."""
    return Visit(name=name, path=path, status=status)


def posted(name: str, path: PathIn, status: int = 200, /, **fields: str) -> Visit:
    """The page to which a form leads."""
    return Visit(name=name, path=path, status=status, fields=(*fields.items(),), posts=True)


def refused(name: str, path: str, /, **fields: str) -> Visit:
    """The page that says what is wrong with a form that was posted."""
    return posted(f"{name}-refused", lambda _: path, 422, **fields)
