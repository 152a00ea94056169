import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../console/build.ts';
import { Api, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import { findChromium, openChromium, screenshotPath } from './chromium.ts';

const executable = findChromium();
/** A validation runs in a process of its own, which a busy machine is slow to start. */
const PATIENCE = { timeout: 90_000 };
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, PATIENCE);
const SHIPPED = new URL('../../analytics/models/', import.meta.url);

describe.runIf(executable)('the models page', { timeout: 300_000 }, () => {
  let platform: SpawnedPlatform;
  let browser: Browser;
  let page: Page;
  let api: Api;
  let folder: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    expect(await buildConsole()).not.toBe('no-tools');
    folder = await mkdtemp(join(tmpdir(), 'faultline-models-'));
    platform = await spawnPlatform();
    browser = await openChromium(executable as string);
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 1200 } });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/401|422/.test(message.text())) complaints.push(message.text());
    });
    api = new Api(platform.httpUrl);
    await api.signIn('admin', platform.adminPassword);
    await page.goto(`${platform.httpUrl}/console/#/models`);
    await page.getByLabel(/User name/).fill('admin');
    await page.getByLabel(/Password/).fill(platform.adminPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const row = (text: string) => page.getByRole('row').filter({ hasText: text }).first();
  const stagesOf = async (version: string) => {
    type Listed = { name: string; version: string; stages: { stage: string }[] };
    const { items: models } = await api.get<{ items: Listed[] }>('/api/v1/models');
    return models
      .find((model) => model.name === 'trial' && model.version === version)
      ?.stages.map(({ stage }) => stage);
  };
  const upload = async (version: string, over: object = {}) => {
    const contract = JSON.parse(await readFile(new URL('spectralAutoencoder.json', SHIPPED), 'utf8'));
    const path = join(folder, `trial-${version}.json`);
    await writeFile(path, JSON.stringify({ ...contract, name: 'trial', version, ...over }));
    await page.getByLabel(/Contract \(JSON\)/).setInputFiles(path);
    await page.getByLabel(/Model \(ONNX\)/).setInputFiles(new URL('spectralAutoencoder.onnx', SHIPPED).pathname);
    await page.getByRole('region', { name: 'Upload a model' }).getByLabel('Reason').fill('from the laboratory');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
  };
  const move = async (version: string, button: string, reason: string) => {
    const details = row(`trial ${version}`).getByRole('button', { name: 'Details' });
    if (await details.isVisible()) await details.click();
    const panel = page.getByRole('region', { name: `trial ${version}` });
    await panel.getByRole('button', { name: button }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill(reason);
    return dialog.getByRole('button', { name: button });
  };

  test('what comes with the product is listed with its stage, contract and what it has seen', async () => {
    await eventually(() => row('spectral-autoencoder').innerText()).toMatch(
      /live[\s\S]*spectral-shape[\s\S]*never run/,
    );
    await eventually(() => row('bearing-classifier').innerText()).toMatch(/shadow[\s\S]*inner \/ outer \/ ball/);
    await row('bearing-classifier').getByRole('button', { name: 'Details' }).click();
    const panel = page.getByRole('region', { name: /bearing-classifier/ });
    await panel.getByText(/simulated bearings/).waitFor();
    await page.screenshot({ path: screenshotPath('models-list'), fullPage: true });
    await row('bearing-classifier').getByRole('button', { name: 'Hide' }).click();
  });

  test('an upload is validated and begins in shadow; one whose contract lies is refused with the reason', async () => {
    await upload('1');
    await page.getByText('trial 1 was taken and is in shadow.').waitFor(PATIENCE);
    await eventually(() => row('trial 1').innerText()).toMatch(/uploaded[\s\S]*shadow[\s\S]*µs/);
    await upload('1b', { sha256: '0'.repeat(64) });
    await eventually(() => page.getByRole('alert').innerText()).toContain('SHA-256');
    expect(await stagesOf('1b')).toBeUndefined();
    await upload('2');
    await page.getByText('trial 2 was taken and is in shadow.').waitFor(PATIENCE);
  });

  test('nothing is promoted before it is confirmed; a promotion displaces, a roll back restores', async () => {
    await (await move('1', 'Promote', 'agrees with the workshop')).click();
    await eventually(() => stagesOf('1')).toEqual(['live']);
    await move('2', 'Promote', 'not yet');
    await page.screenshot({ path: screenshotPath('models-confirm') });
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await stagesOf('2')).toEqual(['shadow']);
    await (await move('2', 'Promote', 'better on the pumps')).click();
    await eventually(() => stagesOf('1')).toEqual(['retired']);
    await (await move('2', 'Roll back', 'too many words')).click();
    await eventually(() => stagesOf('1')).toEqual(['live']);
    expect(await stagesOf('2')).toEqual(['retired']);
    await eventually(() => page.getByRole('region', { name: 'trial 2' }).innerText()).toMatch(
      /live → retired[\s\S]*too many words[\s\S]*shadow → live[\s\S]*better on the pumps/,
    );
    await page.screenshot({ path: screenshotPath('models-history'), fullPage: true });
  });

  test('in Chinese too, on a telephone, without complaints of the browser', async () => {
    await page.getByLabel('语言 / Language').selectOption('zh-CN');
    await page.getByRole('heading', { name: '模型', exact: true }).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/\b(Stage|Promote|Reason|Drift|Upload|shadow)\b/);
    await page.screenshot({ path: screenshotPath('models-zh'), fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await eventually(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: screenshotPath('models-phone') });
    expect(complaints).toEqual([]);
  });
});
