// Cypress: `this.mock` is a session for each test. Import this file in cypress/support/e2e.js.
import {CommunityMock} from "./community-mock.mjs"

beforeEach(function () {
  const mock = this.mock = new CommunityMock("http://localhost:8000", Cypress.currentTest.title)
  // The app need not know: each of its requests gets the header.
  cy.intercept({url: `${mock.server}/**`, middleware: true}, ({headers}) => { headers["x-mock-session"] = mock.session })
})

afterEach(function () {
  return this.mock.close()
})
