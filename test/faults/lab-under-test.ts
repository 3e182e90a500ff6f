import { type ClientConfig } from "pg";
import { type LabSettings } from "../../local/azure/settings";
import { type LabPaths } from "../../local/paths";
import { type Background, type Result } from "../e2e/lab-driver";
import { type TrailRecord } from "./compare";

/** A lab that faults are applied to. */
export interface LabUnderTest {
  readonly kind: "small" | "whole";
  readonly paths: LabPaths;
  readonly settings: LabSettings;
  /** The storage account with the log container. */
  readonly account: string;
  /** Brings it up. */
  start(): Promise<void>;
  /** Does what a person does after a fault, and returns what was printed. @throws Error with it where it fails */
  heal(): Promise<string>;
  /** Takes it down; its folder stays. Returns what was printed where it fails, after it has removed the lab by force. */
  remove(): Promise<string | undefined>;
  /** How a client signs in to the server as the administrator. */
  connection(): Promise<ClientConfig>;
  /** The records as the mount on the VM shows them. */
  mountedRecords?(): Promise<TrailRecord[]>;
  /** Runs a command on the VM. */
  onVm?(command: string): Promise<Result>;
  /** Starts `./lab up` or `./lab down`. */
  startCommand?(command: "up" | "down"): Background;
}
