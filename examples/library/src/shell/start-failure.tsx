/** What stands in place of the app where the browser lets it store nothing. */
export function StartFailure({ reason }: { readonly reason: string }) {
  return (
    <main className="start-failure">
      <h1>Library</h1>
      <p role="alert">The library on this device cannot be opened: {reason}</p>
      <p className="hint">
        A private window, or a browser told to store nothing, has no place for it. Nothing that was stored
        before is lost.
      </p>
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
