/** Takes one line for the person at the terminal: what a long step is doing, or that a stand-in is in use. */
export type Announce = (line: string) => void;
