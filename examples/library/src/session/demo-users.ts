/** The people whose works the example data has; `up` signs tokens for them. */
export interface DemoUser {
  readonly id: string;
  readonly name: string;
  /** What addresses and `/dev/token` call them. */
  readonly slug: string;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: "ada00000-0000-4000-8000-000000000001", name: "Ada", slug: "ada" },
  { id: "9ace0000-0000-4000-8000-000000000002", name: "Grace", slug: "grace" },
];

export function nameOfUser(id: string): string {
  return DEMO_USERS.find((user) => user.id === id)?.name ?? id;
}

/** The user of `?user=ada`. */
export function userOfAddress(search: string): DemoUser | undefined {
  const slug = new URLSearchParams(search).get("user")?.toLowerCase();
  return DEMO_USERS.find((user) => user.slug === slug);
}
