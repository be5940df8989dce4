"""What a page has to say for itself: whatever a reader would not see, and a developer finds in the console."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

SERIOUS = {"error", "warning", "assert"}
# What failed to load `on_response` tells too, and knows which of it was asked for. And Playwright fills fields without a
# gesture, on which Chromium makes a question before leaving depend.
KNOWN = ("Failed to load resource", "Blocked attempt to show a 'beforeunload' confirmation panel")


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Note in `complaints` what any page of `context` complains about from now on."""

    def on_message(message: ConsoleMessage) -> None:
        if message.type in SERIOUS and not message.text.startswith(KNOWN):
            complaints.append(f"{message.location['url']}: {message.text}")

    def on_error(error: WebError) -> None:
        complaints.append(f"{error.page.url if error.page else ''}: {error.error}")

    def on_response(response: Response) -> None:
        opened = response.request.resource_type == "document"  # a test opens a missing page on purpose
        if response.status >= (500 if opened else 400):
            complaints.append(f"{response.url}: {response.status}")

    def on_failure(request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # what a page left behind on its way to the next
            complaints.append(f"{request.url}: {request.failure}")

    context.on("console", on_message)
    context.on("weberror", on_error)
    context.on("response", on_response)
    context.on("requestfailed", on_failure)
