import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const WORKER = new URL("service-worker.js", import.meta.url);

/** Files of the build that the app is never loaded from. */
const LEFT_OUT = /\.map$|\.txt$/;

/**
 * Writes the service worker: the one of this folder, with the list of all files of the build and a version that is a
 * hash of them.
 */
export function precache(): Plugin {
  let publicFolder = "";
  return {
    name: "library-precache",
    apply: "build",
    configResolved({ publicDir }) {
      publicFolder = publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = new Map<string, string | Uint8Array>();
        for (const name of readdirSync(publicFolder)) files.set(name, readFileSync(join(publicFolder, name)));
        for (const [name, file] of Object.entries(bundle)) {
          files.set(name, file.type === "chunk" ? file.code : file.source);
        }
        const names = [...files.keys()].filter((name) => !LEFT_OUT.test(name)).sort();
        const hash = createHash("sha256");
        for (const name of names) hash.update(name).update(files.get(name) ?? "");
        const worker = readFileSync(WORKER, "utf8");
        hash.update(worker);
        const paths = JSON.stringify(names.map((name) => `/${name}`));
        this.emitFile({
          type: "asset",
          fileName: "service-worker.js",
          source: worker
            .replace('"__VERSION__"', JSON.stringify(hash.digest("hex").slice(0, 12)))
            .replace('JSON.parse("__PRECACHE__")', paths),
        });
      },
    },
  };
}

interface Chunk {
  readonly code: string;
  readonly imports: readonly string[];
}

/** Prints what a first visit loads of scripts, as it is sent. */
export function scriptSize(): Plugin {
  return {
    name: "library-script-size",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const entry = chunks.filter(({ isEntry }) => isEntry);
      const first = gzipSize([...entry, ...chunks.filter(({ fileName }) => isImported(fileName, entry))]);
      this.info(
        `scripts of the first page: ${kilobytes(first)} gzip, 150 kB at most; all: ${kilobytes(gzipSize(chunks))}`,
      );
      if (first > 150_000) this.warn("the scripts are larger than they should be");
    },
  };
}

function isImported(fileName: string, by: readonly Chunk[]): boolean {
  return by.some(({ imports }) => imports.includes(fileName));
}

function gzipSize(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
