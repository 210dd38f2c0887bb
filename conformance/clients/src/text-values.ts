/**
 * Makes the client keep each value as the text that was sent, by calling every column a text. Its own parsers
 * would hide what a test wants to compare: 1.50 and 1.5 are one number.
 */
export function withTextColumns(response: Response): Response {
  const schema = response.headers.get("electric-schema");
  if (schema === null) return response;
  const headers = new Headers(response.headers);
  headers.set("electric-schema", asText(schema));
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Escaped as the server does: a header has no other characters. */
function asText(schema: string): string {
  const columns = Object.entries<{ readonly not_null?: boolean }>(JSON.parse(schema));
  const texts = JSON.stringify(
    Object.fromEntries(
      columns.map(([name, { not_null = false }]) => [name, { type: "text", ...(not_null && { not_null }) }]),
    ),
  );
  return texts.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
