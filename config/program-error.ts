import * as pulumi from "@pulumi/pulumi";

/**
 * Ends the program with a message for people. It has no stack: Pulumi also formats the stack in colours, and there Node repeats
 * what follows a frame of `node_modules/@pulumi/output.ts` until the text is too long for a string, which takes 12 s and 4 GB.
 * Source: markNodeModules in lib/internal/util/inspect.js of Node 20.20; pulumi issues 20567 and 21326.
 */
export class ProgramError extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    delete this.stack;
  }
}
