import { Timeline } from "../../../../audit/report/timeline";
import { logRecord } from "../records";

function timelineOf(...times: string[]) {
  const timeline = new Timeline();
  for (const time of times) timeline.add(logRecord({ time }));
  return timeline.data();
}

const totalOf = ({ series }: ReturnType<typeof timelineOf>) =>
  series.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);

describe("a timeline", () => {
  test("counts by second where the span is short, without gaps", () => {
    const data = timelineOf("2026-11-22T17:00:03.999Z", "2026-11-22T17:00:01.000Z");
    expect(data).toEqual({
      stepSeconds: 1,
      starts: ["2026-11-22T17:00:01.000Z", "2026-11-22T17:00:02.000Z", "2026-11-22T17:00:03.000Z"],
      end: "2026-11-22T17:00:04.000Z",
      series: [{ category: "READ", counts: [1, 0, 1] }],
    });
  });

  test.each([
    ["99 seconds", "2026-11-22T17:01:39Z", 1],
    ["an hour", "2026-11-22T17:59:00Z", 60],
    ["a day", "2026-11-23T16:00:00Z", 1800],
    ["a year", "2027-11-22T17:00:00Z", 7 * 86400],
    ["a clock that was never set", "1970-01-01T00:00:00Z", 364 * 86400],
  ])("takes at most 100 bars for %s, and loses nothing", (_span, time, stepSeconds) => {
    const data = timelineOf("2026-11-22T17:00:00Z", "2026-11-22T17:00:05Z", time);
    expect(data.stepSeconds).toBe(stepSeconds);
    expect(data.starts.length).toBeLessThanOrEqual(100);
    expect(totalOf(data)).toBe(3);
  });

  test("begins weeks on Mondays", () => {
    const data = timelineOf("2026-11-22T17:00:00Z", "2027-11-22T17:00:00Z");
    expect(data.starts[0]).toBe("2026-11-16T00:00:00.000Z");
  });

  test("distinguishes classes, and kinds of other lines", () => {
    const timeline = new Timeline();
    timeline.add(logRecord({ class: "ROLE" }));
    timeline.add(logRecord({ class: null, kind: "error" }));
    timeline.add(logRecord({ class: "NEW_IN_2030" }));
    const names = timeline.data().series.map(({ category }) => category);
    expect(names).toEqual(["ROLE", "error", "other"]);
  });

  test("is empty without records", () => {
    expect(timelineOf()).toMatchObject({ starts: [], series: [] });
  });
});
