import { connectAsync } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../console/build.ts';
import { systemClock } from '../../platform/index.ts';
import { Api, drained, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import { type DeviceAccess, PlantFeed, plantCmdb, plantMachines } from '../../simulators/plant/index.ts';
import { findChromium, openChromium, screenshotPath } from './chromium.ts';

const executable = findChromium();
const READINGS = 320;
const STEP_MS = 150;

const HOUR_NS = 3_600_000_000_000n;
/** Rounds in good order, and rounds with a damaged rolling element. */
const ROUNDS = { healthy: 10, damaged: 5 } as const;

/** A machine of the plant whose bearing fails: an anomaly with everything that a card can hold. */
async function failBearing(platform: SpawnedPlatform, api: Api): Promise<void> {
  await api.post('/api/v1/cmdb/import', plantCmdb());
  const machine = plantMachines('console').find(({ device }) => device === 'sp-p101a')!;
  const { username, secret } = await api.post<{ username: string; secret: string }>('/api/v1/devices', {
    name: machine.device,
  });
  const access: DeviceAccess = { username, password: secret, topicPrefix: `fl/1/default/${machine.device}` };
  const clock = systemClock();
  const feed = new PlantFeed(platform.mqttUrl, new Map([[machine.device, access]]), 'console');
  await feed.connect();
  const rounds = ROUNDS.healthy + ROUNDS.damaged;
  for (let take = 0; take < rounds; take++) {
    const timeNs = clock.nowNs() - BigInt(rounds - take) * HOUR_NS;
    const defects = take < ROUNDS.healthy ? [] : [{ kind: 'ball' as const, bearing: 'DE' as const, severity: 0.5 }];
    await feed.visit(machine, { take, timeNs, elapsedHours: 1, defects });
  }
  await feed.close();
  await drained(api, clock);
}

describe.runIf(executable)('the thresholds page and the anomalies page', () => {
  let platform: SpawnedPlatform;
  let browser: Browser;
  let page: Page;
  let api: Api;
  const complaints: string[] = [];

  beforeAll(async () => {
    expect(await buildConsole()).not.toBe('no-tools');
    platform = await spawnPlatform();
    browser = await openChromium(executable as string);
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 1400 } });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
    });
    api = new Api(platform.httpUrl);
    await api.signIn('admin', platform.adminPassword);
    const { secret } = await api.post<{ secret: string }>('/api/v1/devices', { name: 'pump-3' });
    const client = await connectAsync(platform.mqttUrl, { username: 'default/pump-3', password: secret });
    const beginMs = Date.now() - READINGS * STEP_MS;
    for (let seq = 0; seq < READINGS; seq++) {
      const level = seq < READINGS - 60 ? 40 : 52;
      const value = level + 0.3 * Math.sin(seq * 1.7) + 0.2 * Math.cos(seq * 0.37);
      const sample = { boot: 'b', seq, time: beginMs + seq * STEP_MS, values: { temperature: value } };
      await client.publishAsync('fl/1/default/pump-3/telemetry', JSON.stringify(sample), { qos: 1 });
    }
    await client.endAsync();
    await failBearing(platform, api);
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const row = (text: string) => page.getByRole('row').filter({ hasText: text }).first();
  const scoreOf = async (name: string) => (await row(name).locator('td.number').allInnerTexts()).map(Number);

  test('what holds at the point is listed, with the course of its feature', async () => {
    await expect
      .poll(async () => (await api.list<{ id: string }>('/api/v1/anomalies?pointKey=pump-3/temperature')).length, {
        timeout: 60_000,
      })
      .toBe(1);
    await page.goto(`${platform.httpUrl}/console/#/thresholds?point=pump-3/temperature`);
    await page.getByLabel(/User name/).fill('admin');
    await page.getByLabel(/Password/).fill(platform.adminPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Thresholds' }).waitFor();
    await expect.poll(() => row('Deviation that speaks').innerText()).toMatch(/default/);
    await expect.poll(() => page.locator('.chart canvas').count()).toBe(1);
    await page.screenshot({ path: screenshotPath('thresholds-point'), fullPage: true });
  });

  test('a value is simulated: what it would have caught, with the limits on the picture', async () => {
    await row('Deviation that speaks').getByRole('button', { name: 'Try' }).click();
    await page.getByLabel(/New value/).fill('50');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByRole('heading', { name: 'What it would have done' }).waitFor({ timeout: 30_000 });
    expect(await scoreOf('Alarms')).toEqual([1, 0]);
    const [now, proposed] = await scoreOf('Times it spoke: value');
    expect(now).toBeGreaterThan(proposed!);
    await expect.poll(() => page.locator('.chart figcaption').innerText()).toContain('proposed limit');
    await page.screenshot({ path: screenshotPath('thresholds-simulated'), fullPage: true });
  });

  test('it is applied with a reason, stands in the list and the history, and is taken back', async () => {
    await page.getByLabel('Reason').fill('hot season, nothing was found');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Applied as version 1.').waitFor();
    await expect.poll(() => row('Deviation that speaks').innerText()).toMatch(/50 σ\s+this point/);
    expect(await api.get('/api/v1/thresholds')).toMatchObject({
      items: [{ value: 50, scope: { pointKey: 'pump-3/temperature' } }],
    });
    await page.screenshot({ path: screenshotPath('thresholds-applied'), fullPage: true });
    await page.getByRole('button', { name: 'Take back' }).click();
    await expect.poll(() => row('Deviation that speaks').innerText()).toMatch(/default/);
    expect(await api.get('/api/v1/thresholds')).toMatchObject({ items: [] });
  });

  test('in Chinese too, on a telephone, without complaints of the browser', async () => {
    await page.getByLabel('语言 / Language').selectOption('zh-CN');
    await page.getByRole('heading', { name: '阈值调整' }).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/\b(Setting|default|Reason|Alarms)\b/);
    await page.screenshot({ path: screenshotPath('thresholds-zh'), fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: screenshotPath('thresholds-phone') });
    await page.getByRole('link', { name: '遥测接入' }).click();
    await page.getByRole('heading', { name: '遥测接入' }).waitFor();
    expect(complaints).toEqual([]);
  });

  const rejections = () => page.locator('section table tbody tr');
  const showBearing = async (fault: string, show: string) => {
    await row(fault).waitFor();
    const button = row(fault).getByRole('button', { name: show });
    if (await button.isEnabled()) await button.click();
    await expect.poll(() => page.locator('section h2').innerText()).toContain(fault);
    await expect.poll(() => rejections().count()).toBeGreaterThanOrEqual(8);
    await expect.poll(() => page.evaluate<number>('document.querySelector("img.evidence").naturalWidth')).toBe(980);
  };

  test('an anomaly shows in Chinese what was rejected and why, and not a word of English', async () => {
    await page.setViewportSize({ width: 1280, height: 1400 });
    await page.getByRole('link', { name: '异常' }).click();
    await showBearing('轴承滚动体故障', '查看');
    for (const text of await rejections().allInnerTexts()) {
      expect(text.replaceAll(/kHz|Hz|mm\/s/g, '')).toMatch(/^[^a-z]*[\u4e00-\u9fff][^a-z]*$/);
    }
    await page.screenshot({ path: screenshotPath('anomalies-zh'), fullPage: true });
  });

  test('and in English', async () => {
    await page.getByLabel('语言 / Language').selectOption('en');
    await showBearing('Bearing rolling element fault', 'Show');
    for (const text of await rejections().allInnerTexts()) expect(text).not.toMatch(/[\u4e00-\u9fff]/);
    await page.screenshot({ path: screenshotPath('anomalies-en'), fullPage: true });
    expect(complaints).toEqual([]);
  });
});
