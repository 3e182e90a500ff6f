/** A name in PostgreSQL has at most 63 bytes, and with it what a client calls itself. Source: NAMEDATALEN. */
const MAX_NAME = 63;
/** Source: RFC 1035, length of a domain name; log_hostname writes names in place of addresses. */
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
 * What each escape of log_line_prefix can stand for; empty where the process has no such thing.
 * Source: PostgreSQL 15, elog.c, log_line_prefix; 16 and newer write an application name's other characters as \xc3.
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
