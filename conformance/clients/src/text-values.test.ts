import { expect, test } from "vitest";
import { withTextColumns } from "./text-values.js";

test("every column becomes a text, as nullable as before", async () => {
  const schema = {
    id: { type: "int8", pk_index: 0, not_null: true },
    tags: { type: "text", dims: 1 },
    price: { type: "numeric", precision: 10, scale: 2 },
  };
  const response = new Response("[]", { headers: { "electric-schema": JSON.stringify(schema) } });

  const changed = withTextColumns(response);

  expect(JSON.parse(changed.headers.get("electric-schema") ?? "")).toEqual({
    id: { type: "text", not_null: true },
    tags: { type: "text" },
    price: { type: "text" },
  });
  expect(await changed.text()).toBe("[]");
});

test("an answer without a schema stays as it is", () => {
  const response = new Response("[]");

  expect(withTextColumns(response)).toBe(response);
});

test("a column may have any name", () => {
  const response = new Response("[]", {
    headers: { "electric-schema": '{"\\u043a\\u043b":{"type":"int4"}}' },
  });

  const changed = withTextColumns(response);

  expect(JSON.parse(changed.headers.get("electric-schema") ?? "")).toEqual({ кл: { type: "text" } });
});
