// Draws the PNG icons of public/ from icon.svg, in a headless Chromium: `node pwa/draw-icons.mjs`. Run it when the
// drawing has changed; what it writes is committed.

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { chromium } from "playwright-core";

const folder = new URL("../public/", import.meta.url);
const drawing = await readFile(new URL("icon.svg", folder), "utf8");

/** The maskable icon bleeds to its edges, and keeps the books inside the circle that every mask leaves. */
const icons = [
  { name: "icon-192.png", size: 192, scale: 1, background: "transparent" },
  { name: "icon-512.png", size: 512, scale: 1, background: "transparent" },
  { name: "icon-maskable-512.png", size: 512, scale: 0.8, background: "#0f5c63" },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const { name, size, scale, background } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = size * scale;
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${background}">` +
      drawing.replace("<svg ", `<svg width="${side}" height="${side}" style="display:block" `),
  );
  await writeFile(new URL(name, folder), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
