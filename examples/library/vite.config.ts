import process from "node:process";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precache, scriptSize } from "./pwa/precache.ts";

const SERVER = `http://localhost:${process.env.MILLRACE_PORT ?? 3000}`;

export default defineConfig({
  plugins: [react(), precache(), scriptSize()],
  resolve: {
    // The package is linked, and must not bring a React of its own.
    dedupe: ["react", "react-dom"],
    // Dexie's main entry is written for browsers of ten years ago, and a tenth larger.
    alias: [{ find: /^dexie$/, replacement: "dexie/dist/modern/dexie.mjs" }],
  },
  build: { target: "es2023", modulePreload: { polyfill: false } },
  // `npm run dev` serves the page by itself; the rows still come from the server that `./millrace up` started.
  server: { proxy: { "/v1": SERVER, "/api": SERVER, "/dev": SERVER } },
});
