// The recipe for Cypress, in node: with what it needs of Cypress in place of that.
import assert from "node:assert/strict"
import {test} from "node:test"

test("each test has a session, which the app's requests are sent to, and which goes with it", async () => {
  const hooks = {}, intercepted = []
  globalThis.Cypress = {currentTest: {title: "a test, with signs"}}
  globalThis.cy = {intercept: ({url}, handler) => intercepted.push([url, handler])}
  globalThis.beforeEach = (hook) => hooks.before = hook
  globalThis.afterEach = (hook) => hooks.after = hook
  await import("./cypress-support.mjs")

  const context = {}, request = {headers: {}}
  await hooks.before.call(context)
  const [[url, handler]] = intercepted
  handler(request)
  assert.equal(url, `${process.env.MOCK_URL}/**`)
  const units = `${process.env.MOCK_URL}/api/v1/units?community_id=1`
  assert.equal((await fetch(units, {headers: {...request.headers, ...(await context.mock.login("max"))}})).status, 200)
  await context.mock.assertCalled("listUnits", {times: 1, caller: "max", query: {community_id: 1}})
  const names = async () => (await (await fetch(`${process.env.MOCK_URL}/__mock/sessions`)).json()).map(({name}) => name)
  assert.match(context.mock.session, /^a-test-with-signs-[0-9a-f]{8}$/)
  assert.ok((await names()).includes(context.mock.session))
  await hooks.after.call(context)
  assert.ok(!(await names()).includes(context.mock.session))
})
