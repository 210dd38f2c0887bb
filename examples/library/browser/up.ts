import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

const MILLRACE = new URL("../../../millrace", import.meta.url).pathname;
const START_LIMIT_MS = 120_000;
const SECRET = "of-a-browser-test-and-of-nothing-else";

export const ADA = "ada00000-0000-4000-8000-000000000001";
export const GRACE = "9ace0000-0000-4000-8000-000000000002";

/** `./millrace up` as a person starts it, on a data folder and a port of its own. */
export class Up {
  readonly #folder = mkdtempSync(join(tmpdir(), "library-browser-"));
  readonly #environment: NodeJS.ProcessEnv;
  readonly url: string;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(port: number) {
    this.url = `http://localhost:${port}`;
    this.#environment = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(
          ([name]) => !/^((MILLRACE|ELECTRIC|DATABASE)_|NODE_ENV$)/.test(name),
        ),
      ),
      MILLRACE_PORT: String(port),
      MILLRACE_DATA_DIR: this.#folder,
      MILLRACE_JWT_SECRET: SECRET,
    };
  }

  static async start(): Promise<Up> {
    const up = new Up(await freePort());
    await up.start();
    return up;
  }

  /** Starts it, again after a {@link kill}, and waits until it answers. */
  async start(): Promise<void> {
    const started = spawn(MILLRACE, ["up"], { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on("data", (piece) => {
        this.#output += piece;
      });
    }
    for (const end = Date.now() + START_LIMIT_MS; !(await this.#isHealthy()); await after(100)) {
      if (started.exitCode !== null || Date.now() > end)
        throw new Error(`up did not come up:\n${this.#output}`);
    }
  }

  async #isHealthy(): Promise<boolean> {
    const answer = await fetch(`${this.url}/v1/health`).catch(() => undefined);
    return answer?.status === 200;
  }

  /** Ends it by SIGKILL, as a crash would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it, and what it had. */
  async close(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = this.#process;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const exit = new Promise((resolve) => ended.once("exit", resolve));
    ended.kill(signal);
    await exit;
  }

  /** The one value that a query finds, as text. */
  value(query: string): string {
    return this.sql(query).split("\n")[2]?.trim() ?? "";
  }

  /** Runs a statement on its database. */
  sql(statement: string): string {
    return execFileSync(MILLRACE, ["sql", statement], { env: this.#environment, encoding: "utf8" });
  }
}

/** A token of a user that the server believes for so many seconds. */
export function tokenOf(user: string, seconds: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "HS256" })}.${part({ sub: user, iat: now, exp: now + seconds })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
