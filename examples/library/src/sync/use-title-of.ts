import { useQuery } from "@millrace/web/react";
import { useMemo } from "react";
import { works } from "../library";
import type { TitleOf } from "./change-text";

/** The titles of all works on the device. */
export function useTitleOf(): TitleOf {
  const all = useQuery(works);
  return useMemo(() => {
    const titles = new Map(all?.map(({ id, title }) => [id, title]));
    return (id) => (typeof id === "string" ? titles.get(id) : undefined);
  }, [all]);
}
