export type ChangesTab = "waiting" | "refused" | "conflicts";

/** What stands beside the list. It is the hash of the address, so that Back closes it and a reload keeps it. */
export type Place =
  | { readonly kind: "list" }
  | { readonly kind: "work"; readonly id: string }
  | { readonly kind: "new-work" }
  | { readonly kind: "changes"; readonly tab: ChangesTab }
  | { readonly kind: "import" };

export const LIST: Place = { kind: "list" };

/** Anything that is no place is the list. */
export function placeOf(hash: string): Place {
  const [kind = "", argument = ""] = hash.replace(/^#\/?/, "").split("/");
  switch (kind) {
    case "work":
      return argument === ""
        ? LIST
        : argument === "new"
          ? { kind: "new-work" }
          : { kind: "work", id: argument };
    case "changes":
      return { kind, tab: argument === "refused" || argument === "conflicts" ? argument : "waiting" };
    case "import":
      return { kind };
    default:
      return LIST;
  }
}

export function hashOf(place: Place): string {
  switch (place.kind) {
    case "list":
      return "#/";
    case "work":
      return `#/work/${place.id}`;
    case "new-work":
      return "#/work/new";
    case "changes":
      return `#/changes/${place.tab}`;
    case "import":
      return "#/import";
  }
}
