import { connectAsync } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../console/build.ts';
import { Api, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import { findChromium, openChromium, screenshotPath } from './chromium.ts';

const executable = findChromium();

describe.runIf(executable)('the intake page', () => {
  let platform: SpawnedPlatform;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the page's own console complained about, and requests that left this machine. */
  const complaints: string[] = [];

  beforeAll(async () => {
    expect(await buildConsole()).not.toBe('no-tools');
    platform = await spawnPlatform();
    browser = await openChromium(executable as string);
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 1100 } });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A browser notes each 401 before signing in by itself.
      if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(platform.httpUrl) && !request.url().startsWith('data:'))
        complaints.push(request.url());
    });
    const api = new Api(platform.httpUrl);
    await api.signIn('admin', platform.adminPassword);
    for (const [device, broken] of [
      ['pump-3', 2],
      ['fan-1', 0],
    ] as const) {
      const { secret } = await api.post<{ secret: string }>('/api/v1/devices', { name: device });
      const client = await connectAsync(platform.mqttUrl, { username: `default/${device}`, password: secret });
      const topic = `fl/1/default/${device}/telemetry`;
      for (let seq = 0; seq < 40; seq++) {
        const sample = {
          boot: device,
          seq,
          time: Date.now() - 60_000 + seq * 1000,
          values: { temperature: 40 + seq / 10 },
        };
        await client.publishAsync(topic, JSON.stringify(sample), { qos: 1 });
      }
      for (let i = 0; i < broken; i++)
        await client.publishAsync(topic, '{"point":"temperature","value":"<b>hot</b>"}', { qos: 1 });
      await client.endAsync();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const signIn = async (password: string) => {
    await page.getByLabel(/User name|用户名/).fill('admin');
    await page.getByLabel(/Password|密码/).fill(password);
    await page.getByRole('button', { name: /Sign in|登录/ }).click();
  };

  test('a wrong password is told in words; the right one shows the page', async () => {
    await page.goto(`${platform.httpUrl}/`);
    await signIn('not the password');
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/password/i);
    await signIn(platform.adminPassword);
    await page.getByRole('heading', { name: 'Telemetry intake' }).waitFor();
    complaints.length = 0; // the wrong password's own
  });

  test('the ledger adds up, by hour and by device', async () => {
    const term = (name: string) => page.locator(`.term.${name} dd`).textContent();
    await expect.poll(() => term('accepted'), { timeout: 15_000 }).toBe('82');
    await expect.poll(() => term('stored')).toBe('80');
    expect(await term('quarantined')).toBe('2');
    expect(await page.locator('.badge').textContent()).toBe('balanced');
    // The first snapshot of the hour comes within fifteen seconds.
    const row = page.getByRole('row').filter({ hasText: 'pump-3' }).first();
    await expect
      .poll(async () => ((await row.count()) > 0 ? row.textContent() : ''), { timeout: 30_000 })
      .toMatch(/42/);
    await page.getByRole('button', { name: 'fan-1' }).click();
    await page.getByText('Samples per hour of fan-1').waitFor();
    expect(await page.locator('.chart canvas').count()).toBe(1);
    await page.getByRole('button', { name: 'All devices' }).click();
  });

  test('the spool says how long it lasts', async () => {
    await expect
      .poll(() => page.locator('section .card dl').first().textContent(), { timeout: 15_000 })
      .toMatch(/drained/);
  });

  test('a message in quarantine is shown as it came, harmlessly, and a reason is replayed', async () => {
    const row = page.getByRole('row').filter({ hasText: 'VALUE_TYPE' });
    await row.getByRole('button', { name: 'Show message' }).click();
    expect(await page.locator('dialog pre').textContent()).toContain('<b>hot</b>');
    await page.screenshot({ path: screenshotPath('intake-message') });
    await page.getByRole('button', { name: 'Close' }).click();
    await row.getByRole('button', { name: 'Replay all' }).click();
    await expect.poll(() => row.textContent(), { timeout: 15_000 }).toContain('2 still refused');
    await page.screenshot({ path: screenshotPath('intake-en'), fullPage: true });
  });

  test('in Chinese too, on a telephone, without complaints of the browser', async () => {
    await page.getByLabel('语言 / Language').selectOption('zh-CN');
    await page.getByRole('heading', { name: '遥测接入' }).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/\b(Stored|Quarantine|Spool)\b/);
    await page.screenshot({ path: screenshotPath('intake-zh'), fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: screenshotPath('intake-phone') });
    await page.reload();
    await page.getByRole('heading', { name: '遥测接入' }).waitFor(); // the language is remembered
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: '退出' }).click();
    await page.getByRole('button', { name: '登录' }).waitFor();
  });
});
