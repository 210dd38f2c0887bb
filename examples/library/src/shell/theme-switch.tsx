import { type ReactNode, useState } from "react";
import { readTheme, setTheme, type Theme } from "./theme";

const LABELS: Readonly<Record<Theme, string>> = {
  system: "as the device has them",
  light: "light",
  dark: "dark",
};

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };

const DRAWINGS: Readonly<Record<Theme, ReactNode>> = {
  system: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 3a9 9 0 0 0 0 18z" fill="currentColor" />
    </>
  ),
  light: (
    <>
      <circle cx="12" cy="12" r="4.5" />
      <path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2" />
    </>
  ),
  dark: <path d="M20 14A8.5 8.5 0 1 1 10 4a7 7 0 0 0 10 10z" />,
};

/** Goes through the colours: as the device, light, dark. */
export function ThemeSwitch() {
  const [theme, keepTheme] = useState(readTheme);
  const label = `Colours: ${LABELS[theme]}`;
  return (
    <button
      type="button"
      className={`theme-switch ${theme}`}
      aria-label={label}
      title={label}
      onClick={() => {
        setTheme(NEXT[theme]);
        keepTheme(NEXT[theme]);
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2">
        {DRAWINGS[theme]}
      </svg>
    </button>
  );
}
