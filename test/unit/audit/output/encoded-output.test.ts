import { Writable } from "node:stream";
import { EncodedOutput, ENCODERS } from "../../../../audit/output/encoded-output";
import { FIELDS } from "../../../../audit/record";
import { logRecord } from "../records";
import { CapturedStream } from "./captured-stream";

const NONE = Buffer.alloc(0);

test("json is one object a line with every field in its order", () => {
  const text = ENCODERS.json.encode(logRecord({ statement: "a\nb\u2028" }), NONE);
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(FIELDS));
});

test("csv quotes as RFC 4180, and distinguishes null from an empty text", () => {
  const encoder = ENCODERS.csv;
  expect(encoder.header).toBe(`${Object.keys(FIELDS).join(",")}\r\n`);
  const text = encoder.encode(
    logRecord({ user_name: null, database_name: "", statement: 'a,"b"\n', parameters: ["1", "x"] }),
    NONE,
  );
  expect(text).toMatch(/^2026-11-22T17:51:17\.034Z,audit,pgflex,,"",psql,/);
  expect(text).toContain(',"a,""b""\n",,"[""1"",""x""]",');
  expect(text).toMatch(/,PT1H\.json,0\r\n$/);
});

test("raw is the unchanged line", () => {
  expect(ENCODERS.raw.encode(logRecord(), Buffer.from('{"é" : 1}'))).toBe('{"é" : 1}\n');
});

test("an output whose reader went away is closed and says nothing; a full disk is an error", async () => {
  const failing = (code: string) =>
    new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
    });
  const pipe = new EncodedOutput("json", failing("EPIPE"));
  pipe.write(logRecord(), NONE);
  await pipe.drain();
  await new Promise(setImmediate);
  expect(pipe.closed).toBe(true);
  await pipe.end();
  const disk = new EncodedOutput("json", failing("ENOSPC"));
  disk.write(logRecord(), NONE);
  await disk.drain();
  await new Promise(setImmediate);
  await expect(disk.end()).rejects.toThrow("ENOSPC");
});

test("what threads encoded comes in its place", async () => {
  const stream = new CapturedStream();
  const output = new EncodedOutput("csv", stream);
  if (output.share.kind === "encoded") await output.share.writeEncoded(Buffer.from("a,b\r\n"));
  await output.end();
  expect(stream.lines.slice(1)).toEqual(["a,b\r"]);
});
