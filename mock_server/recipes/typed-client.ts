// A typed client: npx openapi-typescript http://localhost:8000/__mock/specs/casavi.yaml -o casavi.d.ts
import createClient from "openapi-fetch"
import type {paths} from "./casavi"
import type {CommunityMock} from "./community-mock.mjs"

export const casaviAs = async (mock: CommunityMock, name: string) =>
  createClient<paths>({baseUrl: mock.url, headers: await mock.login(name)})
