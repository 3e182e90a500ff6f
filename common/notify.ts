/** Takes one line for the person at the terminal: the progress of a long step, or that a stand-in is in use. */
export type Notify = (line: string) => void;
