import { byId } from "./dom";

/** Light or dark: the system's setting, until the user chooses. */
export class Theme {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private chosen: "light" | "dark" | undefined;
  private printing = false;
  private readonly listeners: (() => void)[] = [];
  private readonly probe = document.createElement("i");

  constructor() {
    const control = byId<HTMLButtonElement>("theme");
    control.hidden = false;
    control.addEventListener("click", () => {
      this.chosen = this.isDark ? "light" : "dark";
      this.apply();
    });
    this.system.addEventListener("change", () => this.apply());
    this.probe.hidden = true;
    document.body.append(this.probe);
    this.apply();
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Paper is white. */
  setPrinting(printing: boolean): void {
    this.printing = printing;
    this.apply();
  }

  /** The current value of a colour of the style sheet, such as `--text`. */
  color(variable: string): string {
    this.probe.style.color = `var(${variable})`;
    return getComputedStyle(this.probe).color;
  }

  private get isDark(): boolean {
    if (this.printing) return false;
    return (this.chosen ?? (this.system.matches ? "dark" : "light")) === "dark";
  }

  private apply(): void {
    document.documentElement.dataset.theme = this.isDark ? "dark" : "light";
    byId("theme").setAttribute("aria-pressed", String(this.isDark));
    for (const listener of this.listeners) listener();
  }
}
