// A session of a running mock server, for tests in JavaScript and TypeScript. It needs nothing but fetch: copy this file.
// For its types, TypeScript needs "allowJs".

/** @typedef {{times?: number, body?: unknown, path?: string, query?: object, status?: number, caller?: string}} Expected */

const pause = /** @param {number} milliseconds */ (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))

export class CommunityMock {
  /**
   * @param {string} server where the mock is: http://localhost:8000
   * @param {string} name what people call the session on the mock's page; it need not be unique
   */
  constructor(server, name) {
    this.server = server
    this.session = `${name.replace(/[^\w.~-]+/g, "-").slice(0, 50)}-${crypto.randomUUID().slice(0, 8)}`
    /** Where an app finds the session. An app that cannot be told can send the header X-Mock-Session instead. */
    this.url = `${server}/_s/${this.session}`
  }

  /**
   * The headers of requests by that person. The API is needed where both have somebody of that name.
   * @param {string} name
   * @param {"casavi" | "linagora"} [api]
   * @returns {Promise<Record<string, string>>}
   */
  async login(name, api) {
    const known = await (await this.control("GET", "/credentials")).json()
    const people = (api ? [known[api]] : Object.values(known)).flatMap(({principals}) => principals)
    const found = people.filter((one) => one.name === name)
    if (found.length !== 1) throw new Error(found.length ? `there are two named ${name}: say of which API` : `nobody named ${name} can log in`)
    return {Authorization: `Bearer ${found[0].bearer}`}
  }

  /**
   * Let requests fail: fail("createTicket", {status: 503, times: 2}).
   * @param {string} operation
   * @param {object} fault
   */
  async fail(operation, fault) {
    await this.control("POST", "/faults", {operation, ...fault})
  }

  /**
   * Move the clock on: advance({hours: 2}).
   * @param {{days?: number, hours?: number, minutes?: number, seconds?: number}} by
   */
  async advance(by) {
    await this.control("POST", "/clock/advance", by)
  }

  /** Back to the scenario, with an empty journal, the real time and no faults. */
  async reset() {
    await this.control("POST", "/reset")
  }

  /** @param {string} name a scenario, such as "crowded" */
  async loadScenario(name) {
    await this.control("PUT", "/scenario", {name})
  }

  /** What was asked and answered, newest last. @returns {Promise<any[]>} */
  async journal() {
    return (await this.control("GET", "/journal")).json()
  }

  /** The requests, a line each, for people: with what was wrong with those that were refused. */
  async requests() {
    const lines = (await this.journal()).map(({request, response, operationId, status}) =>
      [request.method, request.url, operationId && `(${operationId})`, "->", status, response.body?.error?.details])
    return lines.map((line) => line.filter(Boolean).join(" ")).join("\n")
  }

  /**
   * The operation was called so often, or at least once, like that; what is not there yet may still come for a few seconds.
   * @param {string} operation
   * @param {Expected} [expected]
   * @param {number} [milliseconds] how long it may take
   */
  async assertCalled(operation, expected = {}, milliseconds = 4000) {
    const given = Object.entries({operation, ...expected}).filter(([, value]) => value !== undefined)
    const query = given.map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)])
    const end = Date.now() + milliseconds
    for (;;) {
      const answer = await this.#ask("GET", `/journal/verify?${new URLSearchParams(query)}`)
      if (answer.ok) return
      const {error, matched = []} = await answer.json()
      if (answer.status !== 409 || Date.now() > end || matched.length > (expected.times ?? Infinity)) throw new Error(error.details)
      await pause(50)
    }
  }

  /**
   * The operation was not called, or not like that, until now.
   * @param {string} operation
   * @param {Expected} [expected]
   */
  async assertNotCalled(operation, expected = {}) {
    await this.assertCalled(operation, {...expected, times: 0})
  }

  /** Forget the session, with its state and its journal. */
  async close() {
    await fetch(`${this.server}/__mock/sessions/${this.session}`, {method: "DELETE"})
  }

  /**
   * A call of the control API, below /__mock.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async control(method, path, body) {
    const answer = await this.#ask(method, path, body)
    if (!answer.ok) throw new Error((await answer.json()).error.details)
    return answer
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  #ask(method, path, body) {
    return fetch(`${this.url}/__mock${path}`, {method, body: body && JSON.stringify(body)})
  }
}
