import { Writable } from "node:stream";
import { UserError } from "../../../../common/user-error";
import { StreamWriter } from "../../../../audit/output/stream-writer";

const systemError = (code: string, errno: number) =>
  Object.assign(new Error(code), { code, errno });

/** A stream that fails at the given write, after the call. */
function failing(error: Error, at = 1): Writable {
  let writes = 0;
  return new Writable({
    write(_piece, _encoding, done) {
      writes += 1;
      setImmediate(done, writes === at ? error : null);
    },
  });
}

test("the end waits for the last write, and throws its error", async () => {
  const writer = new StreamWriter(failing(systemError("ENOSPC", -28), 2));
  writer.write("a");
  await writer.drain();
  writer.write("b");
  const finished = writer.finish();
  await expect(finished).rejects.toThrow(UserError);
  await expect(finished).rejects.toThrow(
    "The output can't be written: no space left on device (ENOSPC). What was written of it is incomplete.",
  );
});

test("the end waits until a slow stream has everything", async () => {
  const written: string[] = [];
  const slow = new Writable({
    highWaterMark: 1_000_000,
    write(piece: Buffer, _encoding, done) {
      setImmediate(() => {
        written.push(piece.toString());
        done();
      });
    },
  });
  const writer = new StreamWriter(slow);
  for (const text of ["a", "b", "c"]) {
    writer.write(text);
    await writer.drain();
  }
  await writer.finish();
  expect(written).toEqual(["a", "b", "c"]);
});

test("a closed pipe isn't an error, and what follows is dropped", async () => {
  const writer = new StreamWriter(failing(systemError("EPIPE", -32)));
  writer.write("a");
  await writer.finish();
  expect(writer.closed).toBe(true);
  writer.write("b");
  await writer.writeBytes(Buffer.from("c"));
  await writer.finish();
});
