// Cypress: a session for each test, as `this.mock`. Import this file in cypress/support/e2e.js.
import {CommunityMock} from "./community-mock.mjs"

beforeEach(function () {
  this.mock = new CommunityMock(Cypress.env("MOCK_URL") ?? "http://localhost:8000", Cypress.currentTest.title)
  // The app need not know: each of its requests has the header.
  cy.intercept(`${this.mock.server}/**`, (request) => { request.headers["x-mock-session"] = this.mock.session })
})
afterEach(function () { return this.mock.close() })
