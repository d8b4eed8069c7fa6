import { fileURLToPath } from "node:url";

export const PROJECT = fileURLToPath(new URL("../../../../../", import.meta.url));
/** As many as are used unless set otherwise. */
export const CONNECTIONS = 20;

/** How the mails of a morning go out, each way in a process of its own. */
export type DayWay = "ours" | "usual" | "loop" | "plan only";

/** What a way is told, as JSON. */
export interface DayOrder {
  readonly way: DayWay;
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly redisUrl: string | null;
  /** Mails as they were rendered, for the loop, as a file of JSON. */
  readonly mailsFile: string;
  readonly mails: number;
  readonly cacheDir: string;
  /** PEM of an RSA key of 2048 bits. */
  readonly privateKey: string;
}

/** What a way of sending did, sent to the process that asked for it. */
export interface DayDone {
  readonly sent: number;
  readonly planSeconds: number;
  readonly seconds: number;
  /** Of this process, user and system, all threads. */
  readonly cpuMs: number;
  /** The most it held. */
  readonly rssMb: number;
}

/** Does the work once; gives how many mails went out and how long planning took. */
export type Run = () => Promise<{ readonly sent: number; readonly planSeconds: number }>;

/** What a way needs before its time is taken, and what it leaves behind. */
export interface Prepared {
  readonly run: Run;
  readonly close: () => Promise<void>;
}
