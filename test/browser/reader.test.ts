import { type Browser, browserSuite, openBrowser, type Page } from "@paperboy/harness/browser";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { samplePapers } from "@paperboy/sources";
import { runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, expect, it } from "vitest";

browserSuite("a reader with a browser", () => {
  const now = new Date("2026-11-24T09:00:00Z");
  let service: TestService;
  let browser: Browser;
  beforeAll(async () => {
    service = await startService({ PUBLIC_URL: "http://localhost:3000" }, now); // local, so that the inbox is open
    await service.store.ingest({ name: "sample", kind: "sample" }, samplePapers(now), now);
    await service.store.papers.announce(now);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  /** A page that notes what a good page never does. */
  async function openPage(options: { readonly javaScript?: boolean; readonly width?: number } = {}) {
    const context = await browser.newContext({
      javaScriptEnabled: options.javaScript ?? true,
      viewport: { width: options.width ?? 1200, height: 900 },
      timezoneId: "Europe/Berlin",
    });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(service.url)) faults.push(`asked ${request.url()}`);
    });
    return { page, faults, close: () => context.close() };
  }

  const orderTopic = async (page: Page, email: string) => {
    await page.goto(`${service.url}/`);
    await page.locator('[name="query"], [name="topic"], [name^="topics"]').first().fill("attention OR mamba");
    await page.locator('[name="email"]').fill(email);
  };

  it.each([true, false])("orders, confirms, reads and stops (JavaScript: %s)", async (javaScript) => {
    const email = javaScript ? "ada@example.org" : "grace@example.org";
    service.setTime(now);
    const { page, faults, close } = await openPage({ javaScript });
    await orderTopic(page, email);
    if (javaScript)
      await page
        .getByText(/about \d+ a (day|week|month)/)
        .first()
        .waitFor();
    await page
      .locator('form:has([name="email"]) button[type="submit"], form:has([name="email"]) button.primary')
      .last()
      .click();
    await page.getByText(/mail/i).first().waitFor();
    const confirmation = (await service.mails()).filter(({ to }) => to.includes(email)).at(-1);
    await page.goto(linkIn(confirmation ?? { text: null }, "/confirm", service));
    await page.locator("main button").first().click();
    await page.waitForLoadState();
    const tomorrow = new Date("2026-11-25T12:00:00Z");
    service.setTime(tomorrow);
    expect(await runUntilDone(service.worker, tomorrow)).toMatchObject({ submitted: 1 });
    const digest = (await service.mails()).filter(({ to }) => to.includes(email)).at(-1) ?? { text: null };
    await page.goto(linkIn(digest, "/digests/", service));
    await page.getByText("attention OR mamba").first().waitFor();
    await page.goto(linkIn(digest, "/manage", service));
    expect(await page.locator('input[name="query"][value="attention OR mamba"]').count()).toBe(1);
    await page.goto(linkIn(digest, "/unsubscribe", service));
    await page.locator("main button").first().click();
    await page.waitForLoadState();
    const [row] = (await service.store.subscriptions.list(10)).filter((each) => each.email === email);
    expect(row?.status).toBe("unsubscribed");
    expect(faults).toEqual([]);
    await close();
  });

  it.each([
    "/",
    "/trending",
    "/search",
    "/search?q=attention",
    "/search?q=%28open",
    "/papers/1",
    "/inbox",
    "/admin",
    "/manage/link",
    "/nowhere",
  ])("scrolls %s in one direction only, at 320 pixels", async (path) => {
    const { page, faults, close } = await openPage({ width: 320 });
    await page.goto(`${service.url}${path}`);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(320);
    expect(faults.filter((fault) => !/status of 40[04]/.test(fault))).toEqual([]);
    await close();
  });
});
