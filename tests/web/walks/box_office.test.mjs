// Step 8 of the story in admin-portal: a walk-in without an account buys for cash, the tickets are printed, the drawer
// agrees; and the pages around it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, minorOf, withVisitor } from '../support/browser.mjs';
import { admin, eventOnSale, newCustomer, staff, urls } from '../support/platform.mjs';

let browser;
let event;
before(async () => {
  event = await eventOnSale();
  browser = await launch();
});
after(() => browser?.close());

async function signIn(page, { email, password }) {
  await page.goto(urls.staff);
  await page.getByLabel('Correo electrónico').fill(email);
  await page.getByLabel('Contraseña').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Cerrar sesión' }).waitFor();
}

async function openShift(page, amount) {
  await page.getByRole('button', { name: 'Abrir turno' }).click();
  await page.getByLabel(/Fondo inicial/).fill(amount);
  await page.keyboard.press('Enter');
  await page.getByText('Caja abierta').waitFor();
}

async function expectedCash(page) {
  return minorOf(await page.getByTestId('shift').locator('b').textContent());
}

describe('the box office', () => {
  it('sells two seats to a walk-in for cash, prints, and closes an exact drawer', () => withVisitor(browser, {}, async (visitor, page) => {
    // Chromium hands PDFs to its viewer, past Playwright: the bytes are read on their way.
    let pdf;
    await page.route('**/tickets.pdf', async (route) => {
      const response = await route.fetch();
      pdf = await response.body();
      await route.fulfill({ response, body: pdf });
    });
    await signIn(page, staff);
    await page.getByLabel('Evento', { exact: true }).selectOption(event.id);
    await page.getByTestId('seatmap').waitFor();
    await openShift(page, '1,500');
    assert.equal(await expectedCash(page), 150_000);

    await page.getByRole('button', { name: 'Buscar y apartar' }).click();
    await page.getByTestId('held-seat').first().waitFor();
    assert.equal(await page.getByTestId('held-seat').count(), 2);
    const total = minorOf(await page.getByTestId('total').textContent());

    const tendered = page.getByLabel(/Recibido/);
    await tendered.fill('1');
    await page.getByText(/^Faltan/).waitFor();
    assert.ok(await page.getByTestId('charge').isDisabled(), 'too little cash cannot be charged');
    const handed = Math.ceil(total / 100_000) * 1000 + 1000;
    await tendered.fill(String(handed));
    await page.getByLabel('Nombre completo').fill('Cliente de paso');
    await visitor.shot('admin-sale');
    await page.getByTestId('charge').click();
    await page.getByTestId('sold').waitFor();
    assert.equal(minorOf(await page.getByTestId('change-due').textContent()), handed * 100 - total);

    const print = page.getByTestId('print');
    await print.waitFor();
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    await visitor.shot('admin-sold');
    const [printed] = await Promise.all([visitor.context.waitForEvent('page'), print.click()]);
    await printed.close();
    await page.waitForFunction(
      ([least]) => Number(document.querySelector('[data-testid=shift] b').textContent.replace(/[^0-9]/g, '')) === least, [150_000 + total]);

    await page.getByRole('button', { name: 'Siguiente cliente' }).click();
    await page.getByRole('button', { name: 'Cerrar turno' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Efectivo contado/).fill(((150_000 + total) / 100).toFixed(2));
    await dialog.getByRole('button', { name: 'Cerrar turno' }).click();
    await page.getByText('La caja cuadra.').waitFor();
    await visitor.shot('admin-shift-closed');
    await page.keyboard.press('Escape');
    await page.getByText('Caja cerrada').waitFor();
  }));

  it('keeps the open drawer over a reload, and lets held places go', () => withVisitor(browser, {}, async (_visitor, page) => {
    await signIn(page, staff);
    await page.getByTestId('seatmap').waitFor();
    await openShift(page, '200.50');
    await page.reload();
    await page.getByText('Caja abierta').waitFor();
    assert.equal(await expectedCash(page), 20_050);
    await page.getByRole('button', { name: 'Buscar y apartar' }).click();
    await page.getByTestId('held-seat').first().waitFor();
    await page.getByRole('button', { name: 'Soltar lugares' }).click();
    await page.getByRole('button', { name: 'Buscar y apartar' }).waitFor();
    await page.getByRole('button', { name: 'Cerrar turno' }).click();
    await page.getByRole('dialog').getByLabel(/Efectivo contado/).fill('200.00');
    await page.keyboard.press('Enter');
    await page.getByText('-$0.50').waitFor();
  }));

  it('shows scans as they come', () => withVisitor(browser, {}, async (visitor, page) => {
    await signIn(page, staff);
    const polls = [];
    page.on('response', (response) => response.url().includes('/scans') && polls.push(response.status()));
    await page.goto(`${urls.staff}/#/scans/${event.id}`);
    await page.getByRole('heading', { name: /Accesos en vivo/ }).waitFor();
    await page.getByTestId('scans.total').waitFor();
    const deadline = Date.now() + 15_000;
    while (polls.length < 2 && Date.now() < deadline) await page.waitForTimeout(200);
    assert.ok(polls.length >= 2 && polls.every((status) => status === 200), `polled: ${polls}`);
    await visitor.shot('admin-scans');
  }));

  it('refuses a wrong password and a customer who is no staff', () => withVisitor(browser, {}, async (visitor, page) => {
    visitor.expect(/40[13] \(/);
    await page.goto(urls.staff);
    await page.getByLabel('Correo electrónico').fill(staff.email);
    await page.getByLabel('Contraseña').fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'no son correctos' }).waitFor();
    const customer = newCustomer();
    const made = await fetch(`${urls.customer}/v1/accounts`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(customer),
    });
    assert.equal(made.status, 201);
    await page.getByLabel('Correo electrónico').fill(customer.email);
    await page.getByLabel('Contraseña').fill(customer.password);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'no es del personal' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Vender' }).count(), 0);
  }));
});

describe('an administrator', () => {
  it('makes a pairing code, sees devices, events and books that balance', () => withVisitor(browser, {}, async (visitor, page) => {
    await signIn(page, admin);
    await page.getByRole('link', { name: 'Dispositivos' }).click();
    await page.getByLabel('Cómo se llamará').fill('Puerta 2');
    await page.getByRole('button', { name: 'Crear código' }).click();
    assert.match(await page.getByTestId('pairing-code').textContent(), /\S{6,}/);
    await visitor.shot('admin-devices');
    await page.getByRole('link', { name: 'Eventos' }).click();
    await page.getByRole('cell', { name: new RegExp(event.name) }).first().waitFor();
    await visitor.shot('admin-events');
    await page.getByRole('link', { name: 'Libro' }).click();
    await page.getByText(/Los libros cuadran/).waitFor();
    await visitor.shot('admin-ledger');
  }));
});
