import { redact } from "@paperboy/core";
import { type DestinationStream, type Logger, pino } from "pino";

/** The service's log: JSON lines on stderr, without readers' addresses, tokens and passwords whoever wrote them there. */
export function openLogger(
  level: string,
  out: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino({ level }, { write: (line) => void out.write(redact(line)) });
}
