import { signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEY = "signalbox.theme";

export const theme = signal<Theme>("auto");

/** Puts the chosen theme on the page, and remembers it in this browser. */
export function keepTheme(): void {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") theme.value = kept;
  theme.subscribe((chosen) => {
    if (chosen === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    localStorage.setItem(KEY, chosen);
  });
}
