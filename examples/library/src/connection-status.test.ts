import { FetchError } from "@electric-sql/client";
import { expect, test } from "vitest";
import { describeStatus, statusOfError } from "./connection-status";

test("401 and 403 are refusals", () => {
  expect(statusOfError(fetchError(401))).toEqual({ kind: "refused", httpStatus: 401 });
  expect(statusOfError(fetchError(403))).toEqual({ kind: "refused", httpStatus: 403 });
});

test("a bad request is told in the server's own words", () => {
  const error = fetchError(400, {
    message: "Invalid request",
    errors: { table: ['Table "public"."works" does not exist.'] },
  });

  const { detail } = describeStatus(statusOfError(error));

  expect(detail).toBe('Table "public"."works" does not exist. Trying again.');
});

test.each([undefined, [], { errors: null }, { errors: { table: [7] }, message: 7 }])(
  "an answer without words (%j) is told by its number",
  (body) => {
    const { detail } = describeStatus(statusOfError(fetchError(418, body)));

    expect(detail).toBe("The server's answer was not understood (418). Trying again.");
  },
);

test("any other error tells its own message", () => {
  expect(statusOfError(new Error("Missing headers"))).toEqual({ kind: "failed", reason: "Missing headers" });
});

function fetchError(status: number, body?: object): FetchError {
  return new FetchError(status, undefined, body, {}, "http://library.test/v1/shape");
}
