// The start page of the platform: what runs where, and the API documents in a viewer.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, withVisitor } from '../support/browser.mjs';
import { urls } from '../support/platform.mjs';

const start = process.env.TICKETING_START_URL;
let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

describe('the start page', { skip: start ? false : 'TICKETING_START_URL is not set' }, () => {
  it('leads to the three clients', () => withVisitor(browser, {}, async (visitor, page) => {
    // Browsers ask for an icon that nobody promised.
    visitor.expect(/favicon\.ico/);
    await page.goto(start);
    for (const url of Object.values(urls)) assert.ok(await page.locator(`a[href^="${url}"]`).count() > 0, `no link to ${url}`);
    await visitor.shot('start');
  }));

  for (const [api, operation] of [['client', '/v1/events/{event_id}/holds'], ['admin', '/v1/shifts']]) {
    it(`shows the documents of ${api}-api`, () => withVisitor(browser, {}, async (visitor, page) => {
      await page.goto(`${start}/api-docs/?api=${api}`);
      await page.locator('.opblock-summary-path', { hasText: operation.replaceAll('/', '\u200b/') }).or(
        page.locator(`.opblock-summary-path[data-path="${operation}"]`)).first().waitFor();
      await visitor.shot(`api-docs-${api}`);
    }));
  }
});
