"""Sees what a page does that it should not: a script that runs, a request to elsewhere, an element that could act."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Route

# Whatever an attack would call to show that it runs; each tells the test, instead of waiting for an answer.
CANARY = """
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'msgbox']) {
    const tell = (...given) => { window.ran(`${name}(${String(given[0]).slice(0, 50)})`) }
    Object.defineProperty(window, name, { value: tell, writable: false })
}
"""

# What is wrong with the elements under `root`. `texts` are the places that hold what people wrote.
INSPECT = """
({ selector }) => {
    const wrong = []
    const tell = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 200)}`)
    const inspect = (root, written) => {
        for (const element of root.querySelectorAll('*')) {
            const name = element.localName
            for (const attribute of element.attributes) {
                if (/^on/i.test(attribute.name)) tell('an attribute that acts', element)
                if (/^(style|srcdoc|name|form.+|target|ping|is|slot|part)$/.test(attribute.name) && written(element))
                    tell(`an attribute ${attribute.name}`, element)
                if (!/^(https?|mailto):$/.test(protocol(attribute))) tell(`an address in ${attribute.name}`, element)
                if (attribute.name === 'id' && written(element) && !/^(section|note)-/.test(attribute.value))
                    tell('an id that is not ours', element)
            }
            if (!written(element)) continue
            if (FORBIDDEN.has(name)) tell('an element that acts', element)
            if (name === 'input' && !(element.type === 'checkbox' && element.disabled)) tell('a field', element)
            if (element.namespaceURI !== HTML && !element.closest('.math')) tell('not HTML', element)
        }
    }
    const HTML = 'http://www.w3.org/1999/xhtml'
    const FORBIDDEN = new Set(('script iframe frame frameset object embed applet base meta link style form button select '
        + 'textarea template noscript noembed noframes title svg video audio source track canvas dialog portal xmp plaintext '
        + 'marquee bgsound isindex keygen body html head slot map area').split(' '))
    const ADDRESSES = /^(href|src|action|formaction|data|poster|background|cite|longdesc|manifest|xlink:href|lowsrc|dynsrc)$/
    const protocol = ({ name, value }) => {
        if (!ADDRESSES.test(name)) return 'http:'
        try { return new URL(value, document.baseURI).protocol } catch { return 'none' }
    }

    inspect(document, (element) => element.closest(selector) && !element.matches(selector))

    // Parsed again from what it was made into, and that once more: nothing may turn into something else.
    for (const place of document.querySelectorAll(selector)) {
        let html = place.innerHTML
        const names = (root) => [...root.querySelectorAll('*')].map((element) => element.localName).join(' ')
        const before = names(place)
        for (let round = 0; round < 2; round += 1) {
            const elsewhere = document.implementation.createHTMLDocument('')
            elsewhere.body.innerHTML = html
            inspect(elsewhere.body, () => true)
            if (names(elsewhere.body) !== before) tell('turns into something else', place)
            html = elsewhere.body.innerHTML
        }
    }

    // Nothing that the page itself relies on is hidden behind an element with its name.
    const whole = {
        'document.cookie': typeof document.cookie === 'string',
        'document.body': document.body === document.documentElement.lastElementChild,
        'document.forms': document.forms instanceof HTMLCollection,
        'document.getElementById': typeof document.getElementById === 'function',
        'document.currentScript': document.currentScript === null,
        'window.name': typeof window.name === 'string',
    }
    for (const form of document.forms) {
        for (const name of ['submit', 'requestSubmit', 'reset']) whole[`form.${name}`] = typeof form[name] === 'function'
        for (const name of ['action', 'method', 'id']) whole[`form.${name}`] = typeof form[name] === 'string'
        whole['form.elements'] = form.elements instanceof HTMLFormControlsCollection
    }
    for (const [name, good] of Object.entries(whole)) if (!good) wrong.push(`hidden: ${name}`)
    if (window.frames.length) wrong.push(`frames: ${window.frames.length}`)
    return wrong
}
"""

# As the preview of the editor does it.
PUT_IN = """
({ selector }) => {
    for (const place of [...document.querySelectorAll(selector)]) {
        const copy = document.createElement('div')
        document.body.append(copy)
        copy.innerHTML = place.innerHTML
    }
}
"""

IMAGES = {"image", "media"}


class Watched:
    """A window, with a note of all that happens in it that was not asked for."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.noted: list[str] = []
        context.expose_binding("ran", lambda source, what: self.noted.append(f"ran: {what}"))
        context.add_init_script(CANARY)
        context.route("**/*", self.on_request)
        self.page = context.new_page()
        self.page.on("dialog", self.on_dialog)
        self.page.on("popup", lambda popup: self.noted.append(f"popup: {popup.url}"))
        self.page.on("download", lambda download: self.noted.append(f"download: {download.url}"))

    def on_dialog(self, dialog: Dialog) -> None:
        self.noted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(self, route: Route) -> None:
        """Pictures may come from anywhere; nothing else may, and nothing is fetched from elsewhere in a test."""
        request = route.request
        if request.url.startswith(self.address) or urlsplit(request.url).scheme == "data":
            route.fallback()
            return
        if request.resource_type not in IMAGES:
            self.noted.append(f"request: {request.resource_type} {request.url[:200]}")
        route.abort()

    def looks_at(self, path: str) -> list[str]:
        """What is wrong with a page: what it did, and what is in it."""
        self.page.goto(f"{self.address}{path}")
        found = self.sees()
        if self.page.url.partition("#")[0] != f"{self.address}{path}":
            found.append(f"went to {self.page.url}")
        return [f"{path}: {what}" for what in found]

    def sees(self, places: str = ".prose") -> list[str]:
        """The same of the page as it is now. `places` hold what people wrote."""
        try:
            found = list(self.page.evaluate(INSPECT, {"selector": places}))
            self.page.evaluate(PUT_IN, {"selector": places})
        except Error as error:
            found = [f"went away: {error.message}"]
        self.page.wait_for_timeout(50)  # for what waits until a picture is missing
        found += self.noted
        self.noted.clear()
        return found


@contextmanager
def watched(browser: Browser, address: str, *, policy: bool) -> Iterator[Watched]:
    """A window that obeys the site's content security policy, or one that has never heard of it."""
    context = browser.new_context(bypass_csp=not policy, base_url=address)
    try:
        yield Watched(context, address)
    finally:
        context.close()
