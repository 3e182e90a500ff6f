/**
 * Loaded into the Node.js processes of an update (NODE_OPTIONS): the clock of the Pulumi program, and of nothing else, is
 * PROGRAM_CLOCK_DAYS days ahead.
 */
if (process.argv[1]?.includes("@pulumi/pulumi/cmd/run")) {
  const { now } = Date;
  const ahead = Number(process.env.PROGRAM_CLOCK_DAYS) * 24 * 3600 * 1000;
  Date.now = () => now.call(Date) + ahead;
}
