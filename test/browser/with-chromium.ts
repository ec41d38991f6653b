import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { afterTest } from "../helpers/after-test.ts";
import { hasChromium, launchChromium, openPage } from "../helpers/browser.ts";

type Look = Parameters<typeof openPage>[2];

/** Gives the tests of a file a browser: what is returned opens a page in it until the test is over. */
export function withChromium(): (url: string, look?: Look) => ReturnType<typeof openPage> {
  let browser: Browser;
  beforeAll(async () => {
    if (hasChromium) browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  return async (url, look) => {
    const opened = await openPage(browser, url, look);
    afterTest(() => opened.page.close());
    return opened;
  };
}
