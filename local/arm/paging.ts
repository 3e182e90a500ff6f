import { ArmError } from "./arm-error";
import { resourceKey } from "./resource-id";

/** Members of a page if the client doesn't ask for fewer. */
export const PAGE_SIZE = 100;

export interface Page<T> {
  readonly value: readonly T[];
  /** URL of the next page; absent on the last one. */
  readonly nextLink?: string;
}

interface Place {
  /** Id of the last member sent. */
  readonly after: string;
  /** Number of members sent: where to continue if that member has been deleted. */
  readonly sent: number;
}

/**
 * The page of a list that a request asks for by $skipToken and $top ($maxpagesize for storage). As on Azure, a list
 * that $top cuts continues at nextLink.
 * @param url the absolute URL of the request
 */
export function pageOf<T extends { readonly id: string }>(
  members: readonly T[],
  url: URL,
): Page<T> {
  const start = startOf(members, url.searchParams.get("$skipToken"));
  const end = start + pageSize(url.searchParams);
  const value = members.slice(start, end);
  const last = value.at(-1);
  if (last === undefined || end >= members.length) return { value };
  const next = new URL(url);
  next.searchParams.set("$skipToken", encode({ after: last.id, sent: end }));
  return { value, nextLink: next.href };
}

function pageSize(query: URLSearchParams): number {
  const name = query.has("$top") ? "$top" : "$maxpagesize";
  const text = query.get(name);
  if (text === null) return PAGE_SIZE;
  if (/^[1-9]\d{0,5}$/.test(text)) return Math.min(Number(text), PAGE_SIZE);
  throw new ArmError(
    400,
    "InvalidQueryParameterValue",
    `The query parameter ${name} is '${text}'. It must be a whole number from 1 to 999999.`,
  );
}

function startOf(members: readonly { readonly id: string }[], token: string | null): number {
  if (token === null) return 0;
  const place = decode(token);
  if (!place) {
    throw new ArmError(
      400,
      "InvalidSkipToken",
      `The skip token '${token}' is not from a nextLink of this list. Request the list from its start.`,
    );
  }
  const index = members.findIndex(({ id }) => resourceKey(id) === resourceKey(place.after));
  return index < 0 ? place.sent : index + 1;
}

const encode = ({ after, sent }: Place): string =>
  Buffer.from(`${sent} ${after}`).toString("base64url");

function decode(token: string): Place | undefined {
  const [, sent, after] = /^(\d+) (\/.*)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  return sent === undefined || after === undefined ? undefined : { sent: Number(sent), after };
}
