import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precache, scriptSize } from "./pwa/precache";

const SERVER = "http://localhost:3000";

export default defineConfig({
  plugins: [react(), precache(), scriptSize()],
  // The package is linked, and must not bring a React of its own.
  resolve: { dedupe: ["react", "react-dom", "dexie"] },
  build: { target: "es2023" },
  // `npm run dev` serves the page by itself; the rows still come from the server that `./millrace up` started.
  server: { proxy: { "/v1": SERVER, "/api": SERVER, "/dev": SERVER } },
});
