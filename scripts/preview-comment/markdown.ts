/** A fenced block that no content can close. */
export function codeBlock(text: string, language = ""): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Code in a table's cell. */
export function codeCell(text: string): string {
  const ticks = "`".repeat(longestRun(text) + 1);
  const space = ticks.length > 1 ? " " : "";
  return `${ticks}${space}${text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")}${space}${ticks}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/**
 * As many whole lines as fit.
 * @param budget characters, line ends included
 * @param note what follows them where some don't fit, and counts too
 */
export function fitLines(
  lines: readonly string[],
  budget: number,
  note: (left: number) => string,
): string[] {
  const whole = lines.reduce((sum, line) => sum + line.length + 1, 0);
  if (whole <= budget) return [...lines];
  const kept: string[] = [];
  let room = budget - note(lines.length).length - 1;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, note(lines.length - kept.length)];
}
