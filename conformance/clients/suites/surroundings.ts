import process from "node:process";

/** What the test that runs the suites has started for them, told by environment variables. */
export const surroundings = {
  /** The shape endpoint, behind a cache or not: chunks of 10,000 bytes, shapes may be deleted. */
  shapeUrl: told("SUITES_SHAPE_URL"),
  /** The same, never behind a cache. */
  serverUrl: told("SUITES_SERVER_URL"),
  /** Where it takes writes, and a token of the user `ada` for them. */
  writesUrl: told("SUITES_WRITES_URL"),
  token: told("SUITES_TOKEN"),
  /** The database it follows. */
  databaseUrl: told("SUITES_DATABASE_URL"),
};

function told(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) {
    throw new Error(`${variable} is not set: the suites are run by ./millrace test OfficialSuitesTest`);
  }
  return value;
}
