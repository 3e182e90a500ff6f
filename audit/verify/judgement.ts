import type { Finding } from "./finding";
import type { NumberedLine, Place } from "./numbered-line";
import type { ServerTrail } from "./server-trail";
import { type Likeness, placeOf, type SessionTrail } from "./session-trail";

/** CONTEXT and STATEMENT, and what else RAISE LOG may write below its text. */
const MOST_LINES_OF_RAISE = 5;
const NO_PLACE = { before: null, after: null } as const;

/** What a session's lines show: everything that isn't a complete session. */
export class Judgement {
  /** @param unreadable broken lines whose numbers can't be read */
  constructor(
    private readonly server: ServerTrail,
    private readonly unreadable: readonly Omit<Place, "time">[],
    /** By process id, the times at which sessions begin. */
    private readonly starts = startsByProcess(server),
  ) {}

  findings(session: SessionTrail): Finding[] {
    return [
      ...this.beginning(session),
      ...this.gaps(session),
      ...session.repeats.map(({ from, to, likeness, place }) =>
        this.finding(session, {
          ...{ kind: "repeat", explained: likeness !== "different" && likeness !== "unknown" },
          ...{ reason: REPEAT_REASONS[likeness], from_number: from, to_number: to, after: place },
        }),
      ),
      ...session.strays.map(({ line, reason }) =>
        this.finding(session, {
          ...{ kind: "imitation", explained: false, reason, after: placeOf(line) },
          ...{ from_number: line.number, to_number: line.number },
        }),
      ),
      ...this.end(session),
    ];
  }

  private beginning(session: SessionTrail): Finding[] {
    const first = session.runs[0]?.first;
    const { step } = this.server;
    if (!first || first.number <= step) return [];
    const start = startOf(session);
    const numbers = { from_number: 1, to_number: first.number - 1 };
    const missing = numbers.to_number;
    const isUnnumbered = missing <= this.server.unnumberedIn(session);
    const isBefore = start === undefined || start <= this.server.first;
    const reason = isUnnumbered
      ? "when these lines were written, the prefix had no %l"
      : start === undefined
        ? "the prefix has no %c, so the session may have begun before the first line that was read"
        : isBefore
          ? `the session began at ${start}, before the first line that was read`
          : `the session began at ${start}, after the first line that was read`;
    return [
      this.finding(session, {
        ...{ kind: "beginning", explained: isUnnumbered || isBefore, reason },
        ...{ after: placeOf(first), ...numbers },
      }),
    ];
  }

  private gaps(session: SessionTrail): Finding[] {
    const { server } = this;
    return session.runs.flatMap(({ first: right }, index) => {
      const left = session.runs[index - 1]?.last;
      const missing = left ? right.number - left.number - server.step : 0;
      if (!left || missing <= 0) return [];
      return [
        this.finding(session, {
          ...{ kind: "gap", ...this.gapReason(left, right, missing) },
          ...{ from_number: left.number + 1, to_number: right.number - 1 },
          ...{ before: placeOf(left), after: placeOf(right) },
        }),
      ];
    });
  }

  private gapReason(left: NumberedLine, right: NumberedLine, missing: number) {
    const { server } = this;
    if (missing <= server.furtherLines(left)) {
      return {
        explained: true,
        reason:
          "DETAIL, HINT, CONTEXT or STATEMENT of the message before take numbers and aren't records of their own",
      };
    }
    const broken = this.unreadable.find((line) => isBetween(line, left, right));
    if (broken) {
      const place = `byte ${broken.file_offset} of ${broken.file}`;
      const reason = `the number of the broken line at ${place} can't be read`;
      return { explained: true, reason };
    }
    const mayBeRaise = left.isAudit && !left.countsMessages && missing <= MOST_LINES_OF_RAISE;
    return {
      explained: false,
      reason: mayBeRaise
        ? "lines are missing, or the entry before is an imitation by RAISE LOG, whose CONTEXT and STATEMENT take numbers"
        : "lines are missing",
    };
  }

  private end(session: SessionTrail): Finding[] {
    const last = session.runs.at(-1)?.last;
    const { server } = this;
    if (!last || last.isEnd || !session.isClient || !server.logsDisconnections) return [];
    const reused = this.nextStart(session, last.time);
    const reason = !session.isAuthorized
      ? "neither a login nor an error follows: the client only connected, or the last lines are missing"
      : reused === undefined
        ? "no disconnection line: the session was open at the end, or its last lines are missing"
        : `no disconnection line, but another session had its process id at ${reused}: the server was killed or stopped at once, or the last lines are missing`;
    return [this.finding(session, { kind: "end", explained: true, reason, before: placeOf(last) })];
  }

  private nextStart({ processId }: SessionTrail, time: string): string | undefined {
    return processId === null
      ? undefined
      : this.starts.get(processId)?.find((start) => start > time);
  }

  private finding(
    { id, user }: SessionTrail,
    finding: Pick<Finding, "kind" | "explained" | "reason"> & Partial<Finding>,
  ): Finding {
    const common = { server: this.server.name, session: id, user };
    return { ...common, from_number: null, to_number: null, ...NO_PLACE, ...finding };
  }
}

const REPEAT_REASONS: Readonly<Record<Likeness, string>> = {
  same: "the same content: delivered twice",
  different: "the same number, but another content",
  broken: "once as a broken line",
  unknown: "the contents weren't compared, because too many lines were read",
};

/** Source: PostgreSQL 15, elog.c: %c is the start in seconds since 1970 and the process id, in hexadecimal digits. */
function startOf({ id }: SessionTrail): string | undefined {
  const [, seconds] = /^([0-9a-f]{1,8})\.[0-9a-f]+$/.exec(id) ?? [];
  return seconds === undefined ? undefined : new Date(parseInt(seconds, 16) * 1000).toISOString();
}

function startsByProcess({ sessions }: ServerTrail): Map<number, string[]> {
  const starts = new Map<number, string[]>();
  for (const session of sessions) {
    const start = startOf(session) ?? session.runs[0]?.first.time;
    if (session.processId === null || start === undefined) continue;
    const times = starts.get(session.processId) ?? [];
    times.push(start);
    starts.set(session.processId, times);
  }
  for (const times of starts.values()) times.sort();
  return starts;
}

/** Whether a line is after the left one and before the right one, in their files. */
function isBetween(line: Omit<Place, "time">, left: NumberedLine, right: NumberedLine): boolean {
  const isAfter = line.file === left.file && line.file_offset > left.file_offset;
  const isBefore = line.file === right.file && line.file_offset < right.file_offset;
  return left.file === right.file ? isAfter && isBefore : isAfter || isBefore;
}
