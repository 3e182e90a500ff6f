/** Receives one line for the person at the terminal, such as the progress of a long step. */
export type Notify = (line: string) => void;
