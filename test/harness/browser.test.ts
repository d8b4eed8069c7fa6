import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Browser, browserSuite, openBrowser } from "./browser.ts";

browserSuite("the test browser", () => {
  let browser: Browser;
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<title>front page</title><h1 style='width:50vw'>Paperboy</h1>");
  });

  beforeAll(async () => {
    browser = await openBrowser();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  it("lays out a page at the width of a telephone and draws it", async () => {
    const page = await browser.newPage({ viewport: { width: 320, height: 200 } });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await page.title()).toBe("front page");
    expect((await page.locator("h1").boundingBox())?.width).toBe(160);
    expect((await page.screenshot()).subarray(1, 4).toString()).toBe("PNG");
  });
});
