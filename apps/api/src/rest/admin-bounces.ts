import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";

/** Where mail services tell of mails that came back; their notifications carry the administration token. */
export function adminBounceRoutes({ admin: { guard }, takeWebhook, now }: ApiContext): Route[] {
  return [
    operation({
      method: "post",
      path: "/api/v1/admin/bounces/{provider}",
      summary: "Take a notification of Amazon SES or Postmark about a bounce or a complaint",
      tag: "Administration",
      guard,
      params: z.object({ provider: z.enum(["ses", "postmark"]) }),
      body: z.looseObject({}),
      bodyLimit: "1mb",
      success: {
        status: 200,
        description: "How many changed something.",
        schema: z.object({ applied: z.int() }),
      },
      problems: [422],
      handle: async ({ params: { provider }, body }) => {
        try {
          return { applied: await takeWebhook(provider, body, now()) };
        } catch (error) {
          if ((error as Error).name === "WebhookError") throw new Problem(422, (error as Error).message);
          throw error;
        }
      },
    }),
  ];
}
