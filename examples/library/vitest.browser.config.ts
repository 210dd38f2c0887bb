import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["browser/**/*.browser.ts"],
    maxWorkers: 2, // Each file has a server and a browser of its own, and mostly waits.
    testTimeout: 240_000,
    hookTimeout: 180_000,
    reporters: "verbose",
  },
});
