const { FORCE_COLOR: _, ...rest } = process.env;

/** The environment without FORCE_COLOR, which Jest sets for its workers where its own output has colours. */
export const plainEnv: NodeJS.ProcessEnv = rest;
