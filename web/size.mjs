// What an application's bundle grows by: all of the package, minified, with React left out.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

for (const entry of ["index.js", "react/index.js"]) {
  const { outputFiles } = await build({
    entryPoints: [`dist/${entry}`],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["react"],
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  console.log(
    `${entry}: ${(bytes.length / 1000).toFixed(1)} kB, ${(gzipSync(bytes).length / 1000).toFixed(1)} kB gzip`,
  );
}
