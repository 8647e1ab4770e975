// Debian's Chromium, driven by Playwright. A page that throws, breaks its content security policy or logs an error that the
// walk did not announce makes the walk fail at its end.
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import decodeQR from 'qr/decode.js';

export const sizes = { desktop: { width: 1360, height: 860 }, phone: { width: 390, height: 844 } };
const kShots = process.env.TICKETING_SHOTS;

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

export class Visitor {
  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.faults = [];
    this.expected = [];
    page.on('pageerror', (error) => this.faults.push(`threw: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = `${message.text()} (${message.location().url})`;
      if (!this.expected.some((pattern) => pattern.test(text))) this.faults.push(`logged: ${text}`);
    });
  }

  /** What the browser will log by itself in a step that is meant to be refused. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  async close() {
    await this.context.close();
    if (this.faults.length > 0) throw new Error(`the page had faults:\n${this.faults.join('\n')}`);
  }

  /** Keeps a picture when TICKETING_SHOTS names a folder. */
  async shot(name) {
    if (!kShots) return;
    await mkdir(kShots, { recursive: true });
    await this.page.screenshot({ path: `${kShots}/${name}.png` });
  }
}

export async function visit(browser, options = {}) {
  const context = await browser.newContext({ viewport: sizes.desktop, locale: 'es-MX', ...options });
  context.setDefaultTimeout(20_000);
  return new Visitor(context, await context.newPage());
}

/** Runs a walk with a fresh visitor and closes it whatever happens; the walk's own error comes first. */
export async function withVisitor(browser, options, walk) {
  const visitor = await visit(browser, options);
  try {
    await walk(visitor, visitor.page);
  } catch (error) {
    await visitor.shot(`failed-${Date.now()}`);
    if (visitor.faults.length > 0) error.message += `\nThe page had faults:\n${visitor.faults.join('\n')}`;
    await visitor.context.close();
    throw error;
  }
  await visitor.close();
}

/** What a camera would read of an element on the screen. */
export async function readQr(page, locator) {
  const png = (await locator.screenshot()).toString('base64');
  const { side, gray } = await page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const width = Math.min(bitmap.width, bitmap.height, 392);
    const context = new OffscreenCanvas(width, width).getContext('2d');
    context.drawImage(bitmap, 0, 0, width, width);
    const pixels = context.getImageData(0, 0, width, width).data;
    let text = '';
    for (let index = 0; index < pixels.length; index += 4) text += String.fromCharCode(pixels[index + 1]);
    return { side: width, gray: btoa(text) };
  }, png);
  const rgba = new Uint8ClampedArray(side * side * 4);
  Buffer.from(gray, 'base64').forEach((value, index) => rgba.fill(value, index * 4, index * 4 + 4));
  return decodeQR({ width: side, height: side, data: rgba });
}

/** "$3,885.00" to 388500. */
export function minorOf(text) {
  return Number(text.replace(/[^0-9.]/g, '').replace(/^(\d+)$/, '$1.00').replace('.', ''));
}
