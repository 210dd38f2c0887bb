import { type ConnectionStatus, describeStatus } from "./connection-status";
import { DemoSession, type DemoUser } from "./demo-session";
import { LiveWorks } from "./live-works";
import type { Work } from "./work";
import { changesBetween, describeChanges } from "./work-changes";
import { orderAfterClick, type SortKey, sortWorks, type WorkOrder } from "./work-order";
import { highlightWorks, renderWorks } from "./work-rows";

const body = find("#works tbody", HTMLTableSectionElement);
const count = find("#count", HTMLElement);
const news = find("#news", HTMLElement);
const empty = find("#empty", HTMLElement);
const status = find("#status", HTMLElement);
const statusLabel = find("#status strong", HTMLElement);
const statusDetail = find("#status span", HTMLElement);
const reader = find("#reader", HTMLSelectElement);
const sortButtons: readonly { key: SortKey; button: HTMLButtonElement }[] = (
  ["title", "author", "year", "added"] as const
).map((key) => ({ key, button: find(`[data-sort="${key}"]`, HTMLButtonElement) }));

/** Undefined until the first rows are there: those are not news. */
let works: ReadonlyMap<string, Work> | undefined;
let order: WorkOrder = { key: "added", descending: true };

function showWorks(current: readonly Work[]): void {
  const before = works;
  works = new Map(current.map((work) => [work.id, work]));
  render();
  if (before === undefined) return;

  const changes = changesBetween(before, works);
  highlightWorks(body, [...changes.arrived, ...changes.changed]);
  const sentence = describeChanges(changes);
  if (sentence !== "") news.textContent = sentence;
}

function render(): void {
  for (const { key, button } of sortButtons) {
    const header = button.closest("th");
    if (header === null) continue;
    header.ariaSort = key !== order.key ? "none" : order.descending ? "descending" : "ascending";
  }
  if (works === undefined) return;
  renderWorks(body, sortWorks(works.values(), order), new Date());
  count.textContent = works.size === 1 ? "1 work" : `${works.size} works`;
  empty.hidden = works.size > 0;
}

function showStatus(current: ConnectionStatus): void {
  const { label, detail } = describeStatus(current);
  status.dataset.status = current.kind;
  statusLabel.textContent = label;
  statusDetail.textContent = detail;
}

function find<T extends Element>(selector: string, type: new () => T): T {
  const element = document.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`index.html has no ${type.name} at ${selector}`);
  return element;
}

for (const { key, button } of sortButtons) {
  button.addEventListener("click", () => {
    order = orderAfterClick(order, key);
    render();
  });
}

let live = follow();

/** Follows the works of whoever is signed in. */
function follow(): LiveWorks {
  const user: DemoUser = reader.value === "grace" ? "grace" : "ada";
  const session = new DemoSession(location.origin, user);
  return new LiveWorks({
    url: `${location.origin}/v1/shape`,
    session,
    onWorks: showWorks,
    onStatus: showStatus,
  });
}

reader.addEventListener("change", () => {
  live.close();
  works = undefined;
  news.textContent = "";
  showStatus({ kind: "connecting" });
  live = follow();
  live.open();
});

window.addEventListener("offline", () => live.networkLost());
window.addEventListener("online", () => live.networkFound());
render();
live.open();
