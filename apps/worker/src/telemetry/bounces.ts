import { type TakenBounce, type TakenNotification, takeBounce, takeWebhook } from "../stages/take-bounce.ts";
import { REPORTS } from "./reports.ts";
import { runStage, type Telemetry } from "./telemetry.ts";

/** Takes a mail that came back, counts it, and logs what it was about. */
export async function takeBounceAndTell(
  telemetry: Telemetry,
  ...args: Parameters<typeof takeBounce>
): Promise<TakenBounce> {
  const taken = await runStage(telemetry, "bounces", () => takeBounce(...args), REPORTS.bounce);
  telemetry.metrics.bounceTaken(taken.kind, taken.applied);
  return taken;
}

/** The same for a notification of a mail service; each report in it counts. */
export async function takeWebhookAndTell(
  telemetry: Telemetry,
  ...args: Parameters<typeof takeWebhook>
): Promise<TakenNotification> {
  const [, provider] = args;
  const taken = await runStage(
    telemetry,
    "bounces",
    () => takeWebhook(...args),
    (result) => REPORTS.notification(provider, result),
  );
  for (const { kind, applied } of taken.reports) telemetry.metrics.bounceTaken(kind, applied);
  return taken;
}
