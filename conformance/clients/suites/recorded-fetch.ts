/** A request that was answered. */
export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
};

/** A fetch that remembers each exchange, in the order in which the answers began. */
export type RecordedFetch = typeof fetch & { readonly exchanges: readonly Exchange[] };

export function recordedFetch(through: typeof fetch = fetch): RecordedFetch {
  const exchanges: Exchange[] = [];
  const recorded = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const response = await through(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    exchanges.push({
      method: init?.method ?? "GET",
      url,
      status: response.status,
      headers: response.headers,
    });
    return response;
  };
  return Object.assign(recorded, { exchanges });
}

export function isLive(exchange: Exchange): boolean {
  return exchange.url.searchParams.get("live") === "true";
}
