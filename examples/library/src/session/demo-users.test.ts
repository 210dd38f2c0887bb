import { expect, test } from "vitest";
import { nameOfUser, userOfAddress } from "./demo-users";

test("an address names a user, or nobody", () => {
  expect(userOfAddress("?user=Ada")?.name).toBe("Ada");
  expect(userOfAddress("?x=1&user=grace")?.name).toBe("Grace");
  expect(userOfAddress("?user=mallory")).toBeUndefined();
  expect(userOfAddress("")).toBeUndefined();
});

test("a user without a name is called by the id", () => {
  expect(nameOfUser("9ace0000-0000-4000-8000-000000000002")).toBe("Grace");
  expect(nameOfUser("someone")).toBe("someone");
});
