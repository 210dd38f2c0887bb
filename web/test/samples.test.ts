import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a reader of the documents is expected to have. */
const PRELUDE = `
import { hookOf } from "../src/react/index.js";
import { defineEntity, SyncManager, text, timestamptz, uuid } from "../src/index.js";
declare function tokenOf(user: string): Promise<string>;
declare function askYourServer(user: string, isRefresh: boolean): Promise<string | undefined>;
declare const userId: string;
`;

test.each(["README.md", "docs/web.md"])("the samples of %s compile", (document) => {
  const samples = [...readFileSync(ROOT + document, "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, sample = ""]) => PRELUDE + sample.replace(/^import .*;\n/gm, ""),
  );
  expect(samples.length).toBeGreaterThan(0);

  for (const sample of samples) expect(complaints(sample)).toEqual([]);
});

/** What the compiler says of a file beside this one. */
function complaints(sample: string): readonly string[] {
  const file = `${ROOT}web/test/sample.ts`;
  const { config } = ts.readConfigFile(`${ROOT}web/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${ROOT}web`);
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const read = host.getSourceFile;
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, sample, version) : read(name, version);
  const exists = host.fileExists;
  host.fileExists = (name) => name === file || exists(name);
  const program = ts.createProgram([file], { ...options, noUnusedLocals: false }, host);
  const source = program.getSourceFile(file);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
