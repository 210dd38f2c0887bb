interface GuestBannerProps {
  readonly works: number;
  readonly onSignIn: () => void;
}

export function GuestBanner({ works, onSignIn }: GuestBannerProps) {
  return (
    <aside className="banner" aria-label="Guest">
      <p>
        <strong>You are a guest.</strong>{" "}
        {works === 0
          ? "What you write stays on this device until you sign in."
          : "Your works are on this device only. Sign in to take them along."}
      </p>
      <button type="button" className="primary" onClick={onSignIn}>
        Sign in
      </button>
    </aside>
  );
}
