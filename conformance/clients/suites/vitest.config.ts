import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Those need a server: started by OfficialSuitesTest and CachingProxyTest, not by `npm run check`. */
// biome-ignore lint/style/noDefaultExport: vitest reads its configuration so.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["*.suite.ts", "*.suite.tsx"],
    expect: { poll: { timeout: 20_000, interval: 20 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "threads",
    maxWorkers: 2,
  },
});
