import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { noteId, notes } from "../../test/fakes/notes.js";
import { type AnyEntity, defineEntity, text, uuid } from "../index.js";
import { localChange } from "../store/local-change.js";
import { Store } from "../store/store.js";
import { WriteBuffer } from "../write-buffer/write-buffer.js";
import { adopt, exportGuest } from "./guest-move.js";

const keyed = defineEntity("notes", { columns: { isbn: text(), title: text() }, key: ["isbn"] });
const owned = defineEntity("notes", {
  columns: { id: uuid(), owner: uuid().nullable(), title: text() },
  key: ["id"],
  owner: "owner",
});

let count = 0;
let guests: Store;

function buffered(store: Store): WriteBuffer {
  const environment = {
    fetch: () => Promise.reject(new Error("no network")),
    now: () => 0,
    after: () => () => {},
    random: () => 0,
    uuid: () => crypto.randomUUID(),
  };
  return new WriteBuffer(store, environment, { onEnqueued: () => {}, onTold: () => {} });
}

const open = (entity: AnyEntity) => Store.open(`move${count++}`, [entity], () => {});

const guest = "00000000-0000-4000-8000-00000000000a";

const write = (number: number, title: string) =>
  guests.write((tx) =>
    buffered(guests).add(
      tx,
      [
        {
          id: title,
          change: localChange(notes, "insert", { id: noteId(number), owner: guest, title }),
          group: undefined,
        },
      ],
      false,
    ),
  );

async function adopted(entity: AnyEntity, user: string) {
  const users = await open(entity);
  const buffer = buffered(users);
  const move = () => adopt(guests, guest, users, user, buffer);
  await move();
  return { move, users, buffer };
}

beforeEach(async () => {
  guests = await open(notes);
});

test("what a guest wrote becomes the user's, in its order, once", async () => {
  await write(1, "a");
  await write(2, "b");
  const { move, users, buffer } = await adopted(notes, "ada");
  await write(3, "c");

  await move();
  await move();

  const sent = await buffer.peek(10);
  expect(sent.map(({ payload }) => [payload.title, payload.owner])).toEqual([
    ["a", "ada"],
    ["b", "ada"],
    ["c", "ada"],
  ]);
  expect(await users.read((tx) => tx.local(notes).count())).toBe(3);
});

test("what the application of now cannot read is adopted and sent as it was written", async () => {
  await write(1, "a");

  const { buffer, users } = await adopted(keyed, "ada");

  expect((await buffer.peek(10)).map(({ payload }) => payload)).toEqual([
    { id: noteId(1), owner: guest, title: "a" },
  ]);
  expect(await users.read((tx) => tx.local(keyed).count())).toBe(0);
});

test("an owner's column that a user's id does not fit is left to the database", async () => {
  await write(1, "a");

  const { buffer } = await adopted(owned, "ada|not a uuid");

  expect((await buffer.peek(10)).map(({ payload }) => payload)).toEqual([{ id: noteId(1), title: "a" }]);
});

test("the export has what was written, a line each", async () => {
  await write(1, "a");
  await write(2, "b");

  const lines = (await exportGuest(guests)).trimEnd().split("\n");

  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: "a", table: "notes", op: "insert", payload: { title: "a" } },
    { id: "b", table: "notes", op: "insert", payload: { title: "b" } },
  ]);
});
