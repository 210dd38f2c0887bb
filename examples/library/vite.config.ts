import { defineConfig } from "vite";

export default defineConfig({
  // `npm run dev` serves the page by itself; the rows still come from the server that `./millrace up` started.
  server: { proxy: { "/v1": "http://localhost:3000" } },
});
