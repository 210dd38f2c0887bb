import type { TokenSupplier } from "@millrace/web";

/**
 * Tokens for demo users, which `up` signs at `/dev/token`; a real application gets them from whoever signs its users
 * in. A token is kept until the server no longer believes it. Undefined if the server signs none: the user has to sign
 * in again. Throws if it cannot be asked.
 */
export function demoTokens(origin: string): TokenSupplier {
  const kept = new Map<string, string>();
  return async (user, isRefresh) => {
    const known = kept.get(user);
    if (known !== undefined && !isRefresh) return known;
    kept.delete(user);
    const response = await fetch(`${origin}/dev/token?user=${encodeURIComponent(user)}`, { method: "POST" });
    if (response.status >= 500) throw new Error(`The server signs no tokens now (${response.status})`);
    if (!response.ok) return undefined;
    const token = await response.text();
    kept.set(user, token);
    return token;
  };
}
