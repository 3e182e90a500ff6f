/** Values of a prefix's escapes by their letters, without padding. */
export type PrefixValues = Readonly<Record<string, string>>;

/** Names in PostgreSQL, also application names, have at most 63 bytes. Source: NAMEDATALEN. */
const MAX_NAME = 63;
/** Source: RFC 1035, length of a domain name; log_hostname writes names instead of addresses. */
const MAX_HOST = 255;

interface ValueRule {
  readonly maxLength: number;
  readonly isValid: (value: string) => boolean;
}

const matches =
  (pattern: RegExp) =>
  (value: string): boolean =>
    pattern.test(value);

const HOST = String.raw`(?:[\w.:%-]+|\[local\]|\?\?\?)`;
const any = (): boolean => true;

/**
 * The possible values of each escape of log_line_prefix; empty if the process has no such value.
 * Source: PostgreSQL 15, elog.c, log_line_prefix; 16 and newer write non-ASCII bytes of an application name as \xc3.
 */
const RULES: Readonly<Record<string, ValueRule>> = {
  a: {
    maxLength: MAX_NAME * 4,
    isValid: (value) => value.replace(/\\x[0-9a-f]{2}/g, "?").length <= MAX_NAME,
  },
  u: { maxLength: MAX_NAME, isValid: any },
  d: { maxLength: MAX_NAME, isValid: any },
  b: { maxLength: 96, isValid: any },
  i: { maxLength: MAX_HOST, isValid: any },
  h: { maxLength: MAX_HOST, isValid: matches(new RegExp(`^${HOST}?$`)) },
  r: { maxLength: MAX_HOST + 7, isValid: matches(new RegExp(`^(?:${HOST}(?:\\(\\d+\\))?)?$`)) },
  p: { maxLength: 10, isValid: matches(/^\d+$/) },
  P: { maxLength: 10, isValid: matches(/^\d*$/) },
  l: { maxLength: 19, isValid: matches(/^\d+$/) },
  x: { maxLength: 10, isValid: matches(/^\d+$/) },
  Q: { maxLength: 20, isValid: matches(/^-?\d+$/) },
  v: { maxLength: 21, isValid: matches(/^(?:-?\d+\/\d+)?$/) },
  e: { maxLength: 5, isValid: matches(/^[0-9A-Z]{5}$/) },
  c: { maxLength: 25, isValid: matches(/^[0-9a-f]+\.[0-9a-f]+$/) },
  n: { maxLength: 24, isValid: matches(/^\d+\.\d{3}$/) },
  t: { maxLength: 30, isValid: matches(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\w+:-]+$/) },
  s: { maxLength: 30, isValid: matches(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\w+:-]+$/) },
  m: { maxLength: 34, isValid: matches(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [\w+:-]+$/) },
};

export function valueRule(letter: string): ValueRule {
  const rule = RULES[letter];
  if (!rule) throw new Error(`log_line_prefix has no escape %${letter}`);
  return rule;
}

/** Returns the end of a value that begins at a position of the text; negative if there is none. */
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

/** Scanners of the escapes whose value ends unambiguously if no word character, point or colon follows. */
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
