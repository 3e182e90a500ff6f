import * as fs from "node:fs";
import * as readline from "node:readline";

/**
 * The baseline: a simple reader with readline, JSON.parse and regular expressions. It counts by class, user, command,
 * object and hour, stops at the first broken line, and knows one prefix only.
 */
const PREFIX =
  /^(\S+ \S+ \S+) (\d+) (\d+)-1 \S+ \S+ \S+ \S+ db-(.*?),user-(.*?),app-(.*?),client-(\S*) ([A-Z]+): {2}/;
const AUDIT =
  /^AUDIT: (SESSION|OBJECT),(\d+),(\d+),([A-Z_]+),([^,]*),([^,]*),("(?:[^"]|"")*"|[^,]*),("(?:[^"]|"")*"|[^,]*),([^]*)$/;

interface AzureRecord {
  readonly properties: { readonly message: string; readonly timestamp: string };
}

async function main(file: string): Promise<void> {
  const empty = (): Counts => new Map();
  const counts = {
    class: empty(),
    user: empty(),
    command: empty(),
    object: empty(),
    hour: empty(),
  };
  let [records, statementLength] = [0, 0];
  const lines = readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity });
  for await (const line of lines) {
    const { message, timestamp } = (JSON.parse(line) as AzureRecord).properties;
    const prefix = PREFIX.exec(message);
    const audit = AUDIT.exec(message.slice(prefix?.[0].length ?? 0));
    records += 1;
    count(counts.user, prefix?.[5]);
    if (audit) {
      count(counts.class, audit[4]);
      count(counts.command, audit[5]);
      count(counts.object, audit[7]);
    }
    count(counts.hour, new Date(timestamp.replace(" UTC", "Z")).toISOString().slice(0, 13));
    const statement = audit?.[8] ?? "";
    statementLength += (
      statement.startsWith('"') ? statement.slice(1, -1).replaceAll('""', '"') : statement
    ).length;
  }
  const lists = Object.entries(counts).map(([group, values]) => [
    group,
    [...values].map(([value, records]) => ({ value, records })),
  ]);
  console.log(JSON.stringify({ records, ...Object.fromEntries(lists), statementLength }));
}

type Counts = Map<string | null, number>;

function count(counts: Counts, value: string | undefined): void {
  const key = value || null;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

void main(process.argv[2] ?? "");
