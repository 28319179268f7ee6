import {defineConfig} from "@playwright/test"

export default defineConfig({
  fullyParallel: true,
  workers: 4,
  reporter: "dot",
  use: {
    baseURL: process.env.APP_URL,
    launchOptions: {executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"]},
  },
})
