/** Of the tasks by which the store goes on, how many wait. */
let waiting = 0;
const setImmediate = globalThis.setImmediate;

function counted(call: (...given: unknown[]) => void, ...given: unknown[]): NodeJS.Immediate {
  waiting++;
  return setImmediate(() => {
    waiting--;
    call(...given);
  });
}
globalThis.setImmediate = Object.assign(counted, {
  __promisify__: setImmediate.__promisify__,
}) as typeof globalThis.setImmediate;

const QUIET_TURNS = 3;

/** Nothing is under way that goes on by itself. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < QUIET_TURNS; turns = waiting === 0 ? turns + 1 : 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
