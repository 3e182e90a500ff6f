import { RestError } from "@azure/storage-blob";
import { Reports } from "../../../../../local/backends/log-shipper/reports";

let now = 0;
let told: string[] = [];
let reports: Reports;
beforeEach(() => {
  now = 0;
  told = [];
  reports = new Reports(
    (text) => told.push(text),
    () => now,
  );
});
const answer = (statusCode: number, code: string, id: string) =>
  new RestError(`The server is busy.\nRequestId:${id}`, { statusCode, code });

test("a failure that repeats is reported once, and its end is too", () => {
  reports.failed("server", answer(503, "ServerBusy", "1"));
  reports.failed("server", answer(503, "ServerBusy", "2"));
  reports.failed("server", answer(403, "AuthenticationFailed", "3"));
  reports.worked("server");
  reports.worked("server");
  const waits = "The lines wait in PostgreSQL's log until it works again.";
  expect(told).toEqual([
    `server: the storage answered 503 ServerBusy. ${waits}`,
    `server: the storage answered 403 AuthenticationFailed. ${waits}`,
    "server: all lines are in the storage again.",
  ]);
});

test("a storage that restarts isn't reported, one that stays away is", () => {
  const away = new RestError("connect ECONNREFUSED 127.0.0.1:10000", { code: "ECONNREFUSED" });
  reports.failed("server", away);
  reports.worked("server");
  expect(told).toEqual([]);
  reports.failed("server", away);
  now = 11_000;
  reports.failed("server", away);
  reports.failed("server", away);
  expect(told).toEqual([expect.stringContaining("connect ECONNREFUSED 127.0.0.1:10000.")]);
});
