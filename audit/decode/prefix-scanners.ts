/** The end of a value that begins at a position of the text; negative where there is none. */
export type Scanner = (text: string, position: number) => number;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isHexDigit = (code: number): boolean => isDigit(code) || (code >= 0x61 && code <= 0x66);
const isLetter = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

const run = (text: string, position: number, isPart: (code: number) => boolean): number => {
  let end = position;
  while (end < text.length && isPart(text.charCodeAt(end))) end++;
  return end > position ? end : -1;
};

const digits: Scanner = (text, position) => run(text, position, isDigit);

const sessionId: Scanner = (text, position) => {
  const dot = run(text, position, isHexDigit);
  return dot < 0 || text.charCodeAt(dot) !== 0x2e ? -1 : run(text, dot + 1, isHexDigit);
};

const epochSeconds: Scanner = (text, position) => {
  const dot = digits(text, position);
  return dot < 0 || text.charCodeAt(dot) !== 0x2e ? -1 : digits(text, dot + 1);
};

/** `UTC`, `+03`, `-0330`. */
const zone: Scanner = (text, position) => {
  const sign = text.charCodeAt(position);
  return sign === 0x2b || sign === 0x2d
    ? digits(text, position + 1)
    : run(text, position, isLetter);
};

const dateAndTime = (text: string, position: number): boolean =>
  isDigit(text.charCodeAt(position)) &&
  text.charCodeAt(position + 4) === 0x2d &&
  text.charCodeAt(position + 7) === 0x2d &&
  text.charCodeAt(position + 10) === 0x20 &&
  text.charCodeAt(position + 13) === 0x3a &&
  text.charCodeAt(position + 16) === 0x3a;

const seconds: Scanner = (text, position) =>
  dateAndTime(text, position) && text.charCodeAt(position + 19) === 0x20
    ? zone(text, position + 20)
    : -1;

const milliseconds: Scanner = (text, position) =>
  dateAndTime(text, position) &&
  text.charCodeAt(position + 19) === 0x2e &&
  text.charCodeAt(position + 23) === 0x20
    ? zone(text, position + 24)
    : -1;

/** Escapes whose value shows its own end, where neither a word character, a point nor a colon follows. */
export const HEAD_SCANNERS: Readonly<Record<string, Scanner>> = {
  t: seconds,
  s: seconds,
  m: milliseconds,
  n: epochSeconds,
  p: digits,
  l: digits,
  x: digits,
  c: sessionId,
};
