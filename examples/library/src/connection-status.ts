import { FetchError } from "@electric-sql/client";

/** What the page knows about its connection. All but `connecting` and `live` mean: trying again, by itself. */
export type ConnectionStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "offline" }
  | { readonly kind: "refused"; readonly httpStatus: number }
  | { readonly kind: "unavailable"; readonly httpStatus: number }
  | { readonly kind: "failed"; readonly reason: string };

/** The status in plain words: what it is, and what that means for the reader. */
export function describeStatus(status: ConnectionStatus): { label: string; detail: string } {
  switch (status.kind) {
    case "connecting":
      return { label: "Connecting", detail: "" };
    case "live":
      return { label: "Live", detail: "" };
    case "offline":
      return { label: "Offline", detail: "The server cannot be reached. Trying again." };
    case "refused":
      return {
        label: "Not allowed",
        detail: `The server wants to know who is asking (${status.httpStatus}). Trying again.`,
      };
    case "unavailable":
      return {
        label: "Waiting",
        detail: `The server is not ready (${status.httpStatus}). Trying again.`,
      };
    case "failed":
      return { label: "Error", detail: `${status.reason}. Trying again.` };
  }
}

/** Why a stream ended for good. */
export function statusOfError(error: Error): ConnectionStatus {
  if (!(error instanceof FetchError)) return { kind: "failed", reason: error.message };
  if (error.status === 401 || error.status === 403) return { kind: "refused", httpStatus: error.status };
  return {
    kind: "failed",
    reason: reasonIn(error.json) ?? `The server's answer was not understood (${error.status})`,
  };
}

/** The first message of a body like `{"message": …, "errors": {"table": ["…"]}}`, without its full stop. */
function reasonIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const errors = "errors" in body && typeof body.errors === "object" ? Object.values(body.errors ?? {}) : [];
  const messages: unknown[] = [...errors.flat(), "message" in body ? body.message : undefined];
  return messages.find((message) => typeof message === "string")?.replace(/\.$/, "");
}
