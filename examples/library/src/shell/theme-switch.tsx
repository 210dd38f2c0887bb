import { useState } from "react";
import { readTheme, setTheme, type Theme } from "./theme";

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: "system", label: "As the device" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

export function ThemeSwitch() {
  const [theme, keepTheme] = useState(readTheme);
  return (
    <label className="theme-switch">
      <span>Colours</span>
      <select
        value={theme}
        onChange={({ target }) => {
          const chosen = THEMES.find((one) => one.theme === target.value)?.theme ?? "system";
          setTheme(chosen);
          keepTheme(chosen);
        }}
      >
        {THEMES.map(({ theme: value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
