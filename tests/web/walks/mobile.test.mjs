// client-mobile: installable, and the tickets with their codes are there with the network off.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, readQr, sizes, withVisitor } from '../support/browser.mjs';
import { customerWithTickets, eventOnSale, urls } from '../support/platform.mjs';

const kPhone = { viewport: sizes.phone, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
let browser;
let bought;
before(async () => {
  const event = await eventOnSale();
  bought = await customerWithTickets(event.id, 3);
  browser = await launch();
});
after(() => browser?.close());

async function signIn(page) {
  await page.goto(urls.mobile);
  await page.getByLabel('Correo electrónico').fill(bought.customer.email);
  await page.getByLabel('Contraseña').fill(bought.customer.password);
  await page.getByRole('button', { name: 'Iniciar sesión' }).click();
  await page.getByTestId('ticket').first().waitFor();
}

describe('the app on the phone', () => {
  it('can be installed', () => withVisitor(browser, kPhone, async (visitor, page) => {
    await page.goto(urls.mobile);
    const session = await visitor.context.newCDPSession(page);
    const { errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data);
    assert.equal(manifest.display, 'standalone');
    for (const icon of manifest.icons) {
      const response = await page.request.get(new URL(icon.src, `${urls.mobile}/`).href);
      assert.equal(response.status(), 200);
      const png = await response.body();
      assert.equal(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, icon.sizes);
    }
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A private window cannot install anything; nothing else may be wrong.
    assert.deepEqual(installabilityErrors.map((error) => error.errorId).filter((id) => id !== 'in-incognito'), []);
  }));

  it('shows every ticket and its code with the network off', () => withVisitor(browser, kPhone, async (visitor, page) => {
    await signIn(page);
    assert.equal(await page.getByTestId('ticket').count(), 3);
    await visitor.shot('mobile-list');
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    visitor.expect(/ERR_INTERNET_DISCONNECTED|Failed to load resource/);
    await visitor.context.setOffline(true);
    await page.reload();
    await page.getByTestId('ticket').first().waitFor();
    await page.getByText('Sin conexión').waitFor();
    await visitor.shot('mobile-offline');
    const codes = new Set(bought.order.tickets.map((ticket) => ticket.code));
    const read = new Set();
    await page.getByTestId('ticket').first().click();
    for (let index = 0; index < 3; index += 1) {
      const qr = page.getByRole('img', { name: /Código QR/ });
      await qr.waitFor();
      read.add(await readQr(page, qr));
      if (index === 0) await visitor.shot('mobile-qr');
      if (index < 2) {
        const before = await qr.getAttribute('aria-label');
        await page.getByRole('link', { name: /Siguiente/ }).click();
        await page.waitForFunction(([label]) => document.querySelector('.qr')?.getAttribute('aria-label') !== label, [before]);
      }
    }
    assert.deepEqual(read, codes);

    // A second start without a network, straight into a ticket.
    await page.reload();
    await page.getByRole('img', { name: /Código QR/ }).waitFor();
    await visitor.context.setOffline(false);
    await page.goto(`${urls.mobile}/#/`);
    await page.getByRole('button', { name: 'Actualizar' }).click();
    await page.getByText('Sin conexión').waitFor({ state: 'detached' });
  }));

  it('forgets everything when its owner signs out', () => withVisitor(browser, kPhone, async (_visitor, page) => {
    await signIn(page);
    await page.getByRole('button', { name: 'Cerrar sesión' }).click();
    await page.getByLabel('Contraseña').waitFor();
    await page.reload();
    await page.getByLabel('Contraseña').waitFor();
    assert.equal(await page.getByTestId('ticket').count(), 0);
    const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('customer')));
    assert.deepEqual(left, []);
  }));
});
