// axe over the main pages of the three clients, light and dark, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { launch, sizes, withVisitor } from '../support/browser.mjs';
import { admin, customerWithTickets, eventOnSale, urls } from '../support/platform.mjs';

const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kLooks = [
  { colorScheme: 'light', viewport: sizes.desktop },
  { colorScheme: 'dark', viewport: sizes.phone },
];
let browser;
let event;
let bought;
before(async () => {
  event = await eventOnSale();
  bought = await customerWithTickets(event.id, 2);
  browser = await launch();
});
after(() => browser?.close());

async function check(page, name) {
  // Colours in transition would be measured half way.
  await page.waitForTimeout(250);
  await page.evaluate(kAxe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map((rule) => `${rule.id}: ${rule.help}\n    ${rule.nodes.map((node) => node.target.join(' ')).join('\n    ')}`);
  assert.deepEqual(told, [], `axe on ${name}:\n${told.join('\n')}`);
}

async function signIn(page, { email, password }) {
  await page.getByLabel('Correo electrónico').fill(email);
  await page.getByLabel('Contraseña').fill(password);
  await page.getByRole('button', { name: 'Iniciar sesión' }).last().click();
}

for (const look of kLooks) {
  describe(`${look.colorScheme}, ${look.viewport.width} wide`, () => {
    it('client-web', () => withVisitor(browser, look, async (_visitor, page) => {
      await page.goto(urls.customer);
      await page.getByTestId('event').first().waitFor();
      await check(page, 'the events');
      await page.goto(`${urls.customer}/#/account`);
      await page.getByLabel('Contraseña').waitFor();
      await check(page, 'signing in');
      await signIn(page, bought.customer);
      await page.getByTestId('event').first().waitFor();
      await page.goto(`${urls.customer}/#/events/${event.id}`);
      await page.getByTestId('seatmap').waitFor();
      await page.getByText(/disponibles?$/).first().waitFor();
      await check(page, 'the map');
      await page.getByRole('button', { name: 'Lista', exact: true }).click();
      await page.getByLabel('Sección o zona').selectOption({ index: 2 });
      await check(page, 'the list of seats');
      await page.getByRole('button', { name: 'Buscar y apartar' }).click();
      await page.getByTestId('to-payment').waitFor();
      await check(page, 'the checkout');
      await page.getByTestId('to-payment').click();
      await page.getByTestId('pay').click();
      await page.getByText('En modo de prueba solo sirven').waitFor();
      await check(page, 'a card form with errors');
      await page.getByRole('button', { name: 'Cancelar y soltar los lugares' }).click();
      await page.getByTestId('seatmap').waitFor();
      await page.goto(`${urls.customer}/#/orders/${bought.order.id}?new=1`);
      await page.getByTestId('thanks').waitFor();
      await check(page, 'the confirmation');
      await page.goto(`${urls.customer}/#/tickets`);
      await page.getByRole('button', { name: 'Ver QR' }).first().click();
      await page.getByRole('img', { name: /Código QR/ }).waitFor();
      await check(page, 'a ticket');
    }));

    it('admin-portal', () => withVisitor(browser, look, async (_visitor, page) => {
      await page.goto(urls.staff);
      await check(page, 'signing in');
      await signIn(page, admin);
      await page.getByTestId('seatmap').waitFor();
      await check(page, 'the window');
      await page.getByRole('button', { name: 'Buscar y apartar' }).click();
      await page.getByTestId('held-seat').first().waitFor();
      await check(page, 'a sale');
      await page.getByRole('button', { name: 'Soltar lugares' }).click();
      for (const name of ['Accesos en vivo', 'Eventos', 'Dispositivos', 'Libro']) {
        await page.getByRole('link', { name }).click();
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForTimeout(500);
        await check(page, name);
      }
    }));

    it('client-mobile', () => withVisitor(browser, look, async (_visitor, page) => {
      await page.goto(urls.mobile);
      await page.getByLabel('Contraseña').waitFor();
      await check(page, 'signing in');
      await signIn(page, bought.customer);
      await page.getByTestId('ticket').first().waitFor();
      await check(page, 'the list');
      await page.getByTestId('ticket').first().click();
      await page.getByRole('img', { name: /Código QR/ }).waitFor();
      await check(page, 'a ticket');
    }));
  });
}
