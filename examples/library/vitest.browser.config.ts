import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["browser/**/*.browser.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 180_000,
    reporters: "verbose",
  },
});
