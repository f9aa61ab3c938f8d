"""The built book, served on this machine, and a visit to one of its pages."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from views import BUILT, EACH, HTML, VIEWS

# Everything that a page still does after it has loaded: widgets.
SETTLED = """async () => {
  dispatchEvent(new Event("convae-all")); // code that would come when somebody reads on
  const views = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')];
  const drawn = (script) => script.nextElementSibling?.textContent;
  for (let tries = 0; tries < 100 && !views.every(drawn); tries++) await new Promise((later) => setTimeout(later, 100));
  await new Promise((later) => requestAnimationFrame(() => setTimeout(later, 50)));
}"""


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", EACH or ["no page"])


@pytest.fixture(scope="session", autouse=True)
def built():
    if "index.html" not in BUILT:
        pytest.fail("the book is not built: run `make book`", pytrace=False)


@pytest.fixture(scope="session")
def addresses(built):
    """Where the book lies, by http on this machine and as files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=HTML)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"http": f"http://127.0.0.1:{server.server_port}/", "file": f"{HTML.as_uri()}/"}
        server.shutdown()


@pytest.fixture(scope="session")
def visit(browser, addresses):
    """Opens a page; gives it with the list of what went wrong on the way, which still grows."""

    @contextmanager
    def visited(name, scheme="http", theme="light", width=1200, **settings):
        base, troubles = addresses[scheme], []
        page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": 900}, **settings)
        page.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(f"not caught: {error}"))
        page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
        page.on("response", lambda answer: answer.status >= 400 and troubles.append(f"{answer.status}: {answer.url}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((base, "data:", "blob:")) or troubles.append(f"leaves the host: {request.url}")
            ),
        )
        page.goto(base + name)
        if name == "index.html":  # leads to the first page
            page.wait_for_url(f"{base}book/*.html")
        page.evaluate(SETTLED)
        yield page, troubles
        page.close()

    return visited


@pytest.fixture(scope="session")
def view(visit, request):
    """A page that several tests look at, and what went wrong on the way: see seen()."""
    name, how = request.param
    with visit(name, **VIEWS[how]) as (page, troubles):
        yield page, tuple(troubles)  # not what a test brings about: axe asks for style sheets, one by a wrong address
