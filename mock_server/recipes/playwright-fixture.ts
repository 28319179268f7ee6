// Playwright Test: `mock` is a session for each test, in whatever worker. The app need not know: each of its requests gets the header.
// If other servers do not take that header, leave its line out and let the app call `mock.url`.
import {test as base} from "@playwright/test"
import {CommunityMock} from "./community-mock.mjs"

export const test = base.extend<{mock: CommunityMock}>({
  mock: async ({}, use, info) => {
    const mock = new CommunityMock(process.env.MOCK_URL ?? "http://localhost:8000", info.title)
    await use(mock)
    if (info.status !== info.expectedStatus) await info.attach("requests to the mock", {body: await mock.requests()})
    await mock.close()
  },
  extraHTTPHeaders: async ({mock}, use) => use({"X-Mock-Session": mock.session}),
})

export {expect} from "@playwright/test"
