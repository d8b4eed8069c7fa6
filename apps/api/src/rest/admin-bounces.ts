import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { webhookGuard } from "../http/webhook-guard.ts";

const takenSchema = z.object({
  applied: z.int().meta({ description: "How many changed something." }),
  notice: z
    .string()
    .optional()
    .meta({ description: "What an operator has to do before the service tells more." }),
});

/** Where mail services tell of mails that came back. */
export function adminBounceRoutes(context: ApiContext): Route[] {
  return [
    // Amazon SNS says of its JSON that it is text.
    webhookRoute(context, "ses", "Amazon SES", ["application/json", "text/plain"]),
    webhookRoute(context, "postmark", "Postmark", ["application/json"]),
  ];
}

function webhookRoute(
  { config, guesses, takeWebhook, now, logger }: ApiContext,
  provider: "ses" | "postmark",
  name: string,
  bodyTypes: readonly string[],
): Route {
  return operation({
    method: "post",
    path: `/api/v1/admin/bounces/${provider}`,
    summary: `Take a notification of ${name} about a bounce or a complaint`,
    tag: "Administration",
    guard: webhookGuard(config, guesses),
    body: z.looseObject({}),
    bodyTypes,
    bodyLimit: "1mb",
    success: { status: 200, description: "Taken.", schema: takenSchema },
    problems: [422],
    handle: async ({ body }) => {
      const { applied, notice } = await takeWebhook(provider, body, now()).catch(refuse);
      if (notice === null) return { applied };
      logger.warn({ provider }, notice);
      return { applied, notice };
    },
  });
}

function refuse(error: Error): never {
  throw error.name === "WebhookError" ? new Problem(422, error.message) : error;
}
