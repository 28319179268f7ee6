# ruff: noqa: INP001 - no package
"""A small app with mistakes, in Chromium: its page is at another port than the proxy, whose URL is the only argument."""

import logging
import sys
import threading

from playwright.sync_api import sync_playwright
from werkzeug import Response
from werkzeug.serving import make_server

PAGE = """<!doctype html><meta charset="utf-8"><script type="module">
const headers = {Authorization: "Bearer token-of-somebody", "Content-Type": "application/json"}
const ask = async (method, path, body) => {
  const answer = await fetch(PROXY + path, {method, headers, body, credentials: "include"})
  await answer.text()
  return answer.status
}
const one = "/api/communities/83878920289838830309"
const seen = [
  await ask("GET", "/api/communities?domain_id=83878920289838830309"),
  await ask("GET", "/api/communities?domain=83878920289838830309"),
  await ask("POST", "/api/communities", JSON.stringify({title: "Chess", domain_ids: ["83878920289838830309"]})),
  await ask("POST", "/api/communities", JSON.stringify({titel: "Chess", domain_ids: ["83878920289838830309"]})),
  await ask("GET", `${one}/members?limit=5`),
  await ask("PATCH", one, "{}"),
  await ask("GET", "/api/comunities"),
]
headers["Content-Type"] = "image/png"
seen.push(await ask("POST", `${one}/avatar?mimetype=image/png&size=300000`, new Uint8Array(300000)))
document.title = seen.join()
</script>"""


def main(proxy: str) -> None:
    page = Response(PAGE.replace("PROXY", repr(proxy)), mimetype="text/html")
    logging.getLogger("werkzeug").disabled = True
    server = make_server("localhost", 0, page, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("pageerror", lambda error: print(f"the page: {error}", file=sys.stderr))
        tab.goto(f"http://localhost:{server.server_port}")
        tab.wait_for_function("document.title")
        seen = tab.title()
        assert seen == "200,400,201,400,200,405,404,200", seen
        tab.goto(f"{proxy}/__mock/")
        tab.locator("#result").select_option("breaks the spec")
        tab.locator("#entries li:visible summary").first.click()
        shown = tab.locator("#entries p.wrong:visible").inner_text()
        assert shown.startswith("The app sends PATCH"), shown
        browser.close()
    server.shutdown()


main(sys.argv[1])
