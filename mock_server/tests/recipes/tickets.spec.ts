// The recipes in use by four workers on one mock server, with twenty tests for each. What somebody else has done would show.
import type {Page} from "@playwright/test"
import type {CommunityMock} from "./community-mock.mjs"
import {casaviAs} from "./typed-client"
import {expect, test} from "./playwright-fixture"

const asked = (number: number) => ({communityId: 1, ticketTypeId: 2342, fields: {23: `Question ${number}`}})
const tickets = async (mock: CommunityMock) =>
  (await (await casaviAs(mock, "max")).GET("/api/v1/tickets", {params: {query: {community_id: "1"}}})).data!

async function sendByHand(page: Page, text: string, said: string) {
  await page.getByLabel("Question").fill(text)
  await page.getByRole("button").click()
  await expect(page.getByRole("status")).toHaveText(said)
}

for (let number = 1; number <= 20; number++) {
  test(`in the app, question ${number} is the only one`, async ({mock, page}) => {
    const before = await tickets(mock)
    await page.goto(`/app.html?mock=${process.env.MOCK_URL}`)
    await expect(page.getByRole("status")).toHaveText("ready")
    await mock.fail("createTicket", {status: 503, times: 1})
    await sendByHand(page, `Question ${number}`, "not sent (503)")
    await sendByHand(page, `Question ${number}`, "sent")
    await expect(page.getByRole("listitem")).toHaveCount(before.length + 1)
    await mock.assertCalled("createTicket", {times: 2, caller: "max", body: asked(number)})
    await mock.assertCalled("createTicket", {times: 1, status: 201})
  })
}

for (let number = 21; number <= 80; number++) {
  test(`of a typed client, question ${number} is the only one`, async ({mock}) => {
    const before = await tickets(mock)
    const {data} = await (await casaviAs(mock, "max")).POST("/api/v1/tickets", {body: asked(number)})
    expect((await tickets(mock)).map(({title}) => title)).toEqual([data!.title, ...before.map(({title}) => title)])
    await mock.assertCalled("createTicket", {times: 1, body: asked(number)})
    await mock.assertNotCalled("createTicket", {caller: "erika"})
  })
}

test("mistakes are found by the compiler, by the mock and by what is verified", async ({mock}) => {
  const max = await casaviAs(mock, "max")
  // @ts-expect-error
  const {error} = await max.POST("/api/v1/tickets", {body: {...asked(1), communityId: "one"}})
  expect(error!.error.details).toContain("communityId")
  await expect(mock.assertCalled("createTicket", {times: 2}, 0)).rejects.toThrow("createTicket: expected 2 calls, found 1")
  await expect(mock.assertNotCalled("createTicket")).rejects.toThrow("createTicket: expected no call, found 1")
  await expect(mock.assertCalled("createTickt")).rejects.toThrow("did you mean createTicket?")
  await expect(mock.fail("createTicket", {statsu: 503})).rejects.toThrow("'statsu' was unexpected")
  await expect(mock.login("mxa")).rejects.toThrow("nobody named mxa can log in")
  await mock.advance({hours: 2})
  await mock.reset()
  expect(await mock.journal()).toEqual([])
  await mock.loadScenario("empty")
  expect(await tickets(mock)).toEqual([])
})
