// Steps 2 and 3 of the story in client-web: browse, see the map, hold two seats; another customer who asks for the same is
// told which are gone; register, be declined, pay, hold the tickets.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launch, minorOf, readQr, sizes, withVisitor } from '../support/browser.mjs';
import { eventOnSale, newCustomer, urls } from '../support/platform.mjs';

let browser;
let event;
before(async () => {
  event = await eventOnSale();
  browser = await launch();
});
after(() => browser?.close());

async function openMap(page) {
  await page.goto(`${urls.customer}/#/events/${event.id}`);
  await page.getByTestId('seatmap').waitFor();
  // The categories tell that the availability has arrived.
  await page.getByText(/disponibles?$/).first().waitFor();
}

/** Finds a seat in the list by its label, "Norte 104-F-23". */
async function pickInList(page, label) {
  const [, section, row, seat] = /^(.*)-([^-]+)-([^-]+)$/.exec(label);
  await page.getByRole('button', { name: 'Lista', exact: true }).click();
  const select = page.getByLabel('Sección o zona');
  const value = await select.locator('option').evaluateAll(
    (options, wanted) => options.find((option) => option.textContent.replace(/ — .*/, '').endsWith(wanted.split(' ').at(-1)))?.value, section);
  assert.ok(value, `the list has no section ${section}`);
  await select.selectOption(value);
  await page.getByRole('button', { name: new RegExp(` Fila ${row} · Asiento ${seat},`) }).click();
}

async function holdBest(page, quantity) {
  const stepper = page.getByRole('group', { name: 'Boletos', exact: true });
  while ((await stepper.getByRole('status').textContent()) !== String(quantity)) {
    const more = Number(await stepper.getByRole('status').textContent()) < quantity;
    await stepper.getByRole('button', { name: more ? /Más/ : /Menos/ }).click();
  }
  await page.getByRole('button', { name: 'Buscar y apartar' }).click();
  await page.getByTestId('countdown').waitFor();
}

describe('a customer', () => {
  it('finds the event in the list, by search too, and sees prices', () => withVisitor(browser, {}, async (visitor, page) => {
    await page.goto(urls.customer);
    await page.getByTestId('event').first().waitFor();
    await visitor.shot('web-events');
    await page.getByRole('searchbox').fill(event.name.normalize('NFD').replace(/\p{Diacritic}/gu, '').toUpperCase());
    await page.getByRole('link', { name: new RegExp(event.name) }).first().click();
    await page.getByRole('heading', { level: 1, name: event.name }).waitFor();
    await page.getByTestId('seatmap').waitFor();
    await visitor.shot('web-map');
    await page.getByRole('searchbox').waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByRole('searchbox').fill('nothing is called like this');
    await page.getByText('No hay eventos con esa búsqueda.').waitFor();
  }));

  it('holds two adjacent seats; a second customer with the same wish is told which are gone', async () => {
    await withVisitor(browser, {}, async (late, latePage) => {
      await openMap(latePage);
      // The late customer's map stops hearing news, as on a bad network.
      await latePage.route('**/availability', () => {});
      let labels;
      await withVisitor(browser, {}, async (_first, page) => {
        await openMap(page);
        await holdBest(page, 2);
        labels = await page.getByTestId('held-seat').locator('strong').allTextContents();
        assert.equal(labels.length, 2);
        const [a, b] = labels.map((label) => /^(.*)-([^-]+)-([^-]+)$/.exec(label));
        assert.equal(a[1] + a[2], b[1] + b[2], 'both seats are in one row');
        assert.equal(Math.abs(Number(a[3]) - Number(b[3])), 1, 'the seats are neighbours');
      });
      late.expect(/409 \(Conflict\)/);
      for (const label of labels) await pickInList(latePage, label);
      await latePage.getByTestId('hold').click();
      const alert = latePage.getByRole('alert').filter({ hasText: 'Alguien más tomó' }).first();
      await alert.waitFor();
      for (const label of labels) assert.ok((await alert.textContent()).includes(label), `the refusal names ${label}`);
      await late.shot('web-conflict');
      assert.equal(await latePage.getByTestId('hold').count(), 0, 'what is gone is no longer in the selection');
    });
  });

  it('picks seats with the keyboard alone and lets them go again', () => withVisitor(browser, {}, async (visitor, page) => {
    await openMap(page);
    await page.getByTestId('seatmap').focus();
    const spoken = page.locator('.seatmap p[aria-live]');
    const zoomed = async () => /Asiento/.test(await spoken.textContent());
    await page.keyboard.press('ArrowRight');
    assert.ok(await zoomed(), 'the first arrow puts the cursor on a seat and says which');
    // To a free seat, however many around are taken.
    for (let step = 0; step < 60 && !/Disponible/.test(await spoken.textContent()); step += 1) await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(400);
    const first = await spoken.textContent();
    await page.keyboard.press('Enter');
    await page.getByTestId('hold').waitFor();
    assert.match(await spoken.textContent(), /Elegido/);
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await spoken.textContent(), first, 'the cursor moves');
    for (const key of ['+', '-', '0', 'Shift+ArrowLeft']) await page.keyboard.press(key);
    await visitor.shot('web-keyboard');
    visitor.expect(/409 \(Conflict\)/);
    await page.getByTestId('hold').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('countdown').waitFor();
    await page.getByRole('button', { name: 'Soltar los lugares' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('seatmap').waitFor();
  }));

  it('registers, is declined, pays, and has tickets with codes and PDFs', () => withVisitor(browser, {}, async (visitor, page) => {
    const customer = newCustomer();
    await openMap(page);
    await holdBest(page, 2);
    const labels = await page.getByTestId('held-seat').locator('strong').allTextContents();
    const total = minorOf(await page.getByTestId('total').textContent());
    assert.ok(total > 0, 'the total is shown before anybody pays');
    await visitor.shot('web-checkout');

    await page.getByLabel('Nombre completo').fill(customer.name);
    await page.getByLabel('Correo electrónico').fill(customer.email);
    await page.getByLabel('Contraseña').fill(customer.password);
    await page.getByRole('button', { name: 'Crear cuenta y seguir' }).click();
    await page.getByText(`Compras como ${customer.name}`).waitFor();
    await page.getByTestId('to-payment').click();

    await page.getByTestId('pay').waitFor();
    assert.equal(minorOf(await page.getByTestId('total').textContent()), total, 'the price froze at the hold');
    visitor.expect(/402 \(/);
    await page.getByTestId('pm_card_chargeDeclined').click();
    await page.getByTestId('pay').click();
    await page.getByTestId('declined').waitFor();
    await visitor.shot('web-declined');

    await page.getByTestId('pm_card_visa').click();
    await page.getByTestId('pay').click();
    await page.getByTestId('thanks').waitFor();
    await visitor.shot('web-thanks');
    assert.equal(await page.getByTestId('ticket').count(), 2);

    const [answer] = await Promise.all([
      page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/tickets'),
      page.getByRole('link', { name: 'Mis boletos', exact: true }).click(),
    ]);
    const { tickets } = await answer.json();
    assert.deepEqual(tickets.map((ticket) => ticket.label).sort(), labels.sort());
    await page.getByTestId('ticket').first().waitFor();
    await page.getByRole('button', { name: 'Ver QR' }).first().click();
    const qr = page.getByRole('img', { name: /Código QR/ });
    await qr.waitFor();
    await visitor.shot('web-qr');
    const read = await readQr(page, qr);
    assert.ok(tickets.some((ticket) => ticket.code === read), 'the picture on the screen is the code of a ticket');
    await page.keyboard.press('Escape');

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Descargar PDF' }).first().click(),
    ]);
    assert.equal((await readFile(await download.path())).subarray(0, 5).toString(), '%PDF-');

    await page.reload();
    await page.getByTestId('ticket').first().waitFor();
    await page.getByRole('link', { name: 'Mis compras' }).click();
    await page.getByText('Pagada').first().waitFor();
  }));

  it('changes the language and keeps it', () => withVisitor(browser, {}, async (_visitor, page) => {
    await page.goto(urls.customer);
    await page.getByRole('heading', { name: 'Vive el próximo evento' }).waitFor();
    await page.getByRole('button', { name: /English/ }).click();
    await page.getByRole('heading', { name: 'Be there for the next event' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Be there for the next event' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  }));

  it('pans and zooms the map with fingers and picks a seat by touch', () => {
    const phone = { viewport: sizes.phone, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
    return withVisitor(browser, phone, async (visitor, page) => {
      await openMap(page);
      const map = page.getByTestId('seatmap');
      await map.scrollIntoViewIfNeeded();
      const box = await map.boundingBox();
      // Taps here and there: on a section it goes there, near a free seat it picks it.
      const hold = page.getByTestId('hold');
      for (let tap = 0; tap < 100 && (await hold.count()) === 0; tap += 1) {
        const x = box.x + box.width * (0.2 + 0.6 * ((0.5 + tap * 0.37) % 1));
        const y = box.y + box.height * (0.2 + 0.5 * ((0.2 + tap * 0.61) % 1));
        await page.touchscreen.tap(x, y);
        await page.waitForTimeout(80);
      }
      await hold.waitFor();
      await page.waitForTimeout(400);

      const session = await visitor.context.newCDPSession(page);
      const touch = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const fingers = (apart, shift = 0) => [
        { x: middle.x - apart + shift, y: middle.y, id: 0 }, { x: middle.x + apart + shift, y: middle.y, id: 1 },
      ];
      const look = async () => (await map.screenshot()).toString('base64');
      const before = await look();
      await touch('touchStart', fingers(40));
      for (let step = 1; step <= 5; step += 1) await touch('touchMove', fingers(40 + step * 8));
      await touch('touchEnd', []);
      await page.waitForTimeout(300);
      const nearer = await look();
      assert.notEqual(nearer, before, 'a pinch zooms');
      await touch('touchStart', [{ x: middle.x, y: middle.y, id: 0 }]);
      for (let step = 1; step <= 5; step += 1) await touch('touchMove', [{ x: middle.x + step * 12, y: middle.y + step * 6, id: 0 }]);
      await touch('touchEnd', []);
      await page.waitForTimeout(300);
      assert.notEqual(await look(), nearer, 'a finger moves the map');
      assert.equal(await hold.count(), 1, 'moving the map changes no selection');
      await visitor.shot('phone-map-picked');
    });
  });
});
