/** A pattern of names in which `*` stands for any characters and `?` for one; all others stand for themselves. */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return (text) => text === pattern;
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replace(/\*+/g, "[^]*")
    .replace(/\?/g, "[^]");
  const expression = new RegExp(`^${source}$`, "u");
  return (text) => expression.test(text);
}

export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}
