import { existsSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../console/build.ts';
import { Api, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import { plantCmdb } from '../../simulators/plant/index.ts';
import { findChromium, openChromium, screenshotPath } from './chromium.ts';

const executable = findChromium();
const NETBOX = new URL('../../../shared/data/topology/netbox-demo/', import.meta.url).pathname;
/** Waiting for what a busy machine is slow with. */
const PATIENCE = { timeout: 60_000 };
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, PATIENCE);

/** Words of the page that a Chinese reader must not meet; keys and names of CIs may be in any language. */
const ENGLISH =
  /\b(Search|Import|Preview|Attribute|Relations|History|Owners|Services|Model|Health|down|degraded|maintenance)\b/;

describe.runIf(executable)('the pages of the CMDB', { timeout: 180_000 }, () => {
  let platform: SpawnedPlatform;
  let browser: Browser;
  let page: Page;
  let api: Api;
  const plant = plantCmdb();
  const complaints: string[] = [];

  beforeAll(async () => {
    expect(await buildConsole()).not.toBe('no-tools');
    platform = await spawnPlatform();
    browser = await openChromium(executable as string);
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 1100 } });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE.timeout);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/401|400/.test(message.text())) complaints.push(message.text());
    });
    api = new Api(platform.httpUrl);
    await api.signIn('admin', platform.adminPassword);
    await page.goto(`${platform.httpUrl}/console/#/cmdb`);
    await page.getByLabel(/User name/).fill('admin');
    await page.getByLabel(/Password/).fill(platform.adminPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Configuration items' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const shot = (name: string) => page.screenshot({ path: screenshotPath(`cmdb-${name}`), fullPage: true });
  const row = (text: string, within: Page | Locator = page) =>
    within.getByRole('row').filter({ hasText: text }).first();
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const go = (place: string) => page.evaluate(`location.hash = '#/cmdb/${place}'`);
  const idOf = async (key: string) => (await api.get<{ id: string }>(`/api/v1/cmdb/cis/${key}`)).id;
  const version = async () => (await api.get<{ version: string }>('/api/v1/cmdb/version')).version;
  const node = (name: RegExp) => page.locator('svg').getByRole('button', { name });

  const upload = async (files: { name: string; text: string }[]) => {
    const buffers = files.map(({ name, text }) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) }));
    await page.getByLabel('Files').setInputFiles(buffers);
    await page.getByRole('button', { name: 'Preview' }).click();
  };

  test('an empty CMDB leads to the import; a file with a mistake is refused with its row', async () => {
    await page.getByText('The CMDB is empty').waitFor();
    await page.getByRole('paragraph').getByRole('link', { name: 'Import' }).click();
    await page.getByRole('heading', { name: 'Import', exact: true }).waitFor();
    await upload([
      { name: 'assets.csv', text: 'id,type,criticality\nshop,business_service,1\nmail,business_service,nine\n' },
    ]);
    await eventually(() => page.getByRole('alert').innerText()).toContain('Nothing was imported');
    await eventually(() => page.locator('dl.at').innerText()).toMatch(
      /assets\.csv\s+Row\s+3\s+Field\s+attributes\.criticality/,
    );
    await shot('import-refused');
  });

  test('a file is previewed without leaving anything, then taken', async () => {
    await page.getByLabel('Source').first().fill('plant');
    await upload([{ name: 'plant.json', text: JSON.stringify(plant) }]);
    const preview = region('What it would do');
    await eventually(() => row('CIs', preview).locator('td.number').first().innerText()).toBe(String(plant.cis.length));
    await preview.getByText('Page 1').waitFor();
    expect(await row('new CI', preview).innerText()).toContain(plant.cis[0]!.key);
    await shot('import-preview');
    expect(await version()).toBe('0');
    await preview.getByRole('button', { name: 'Import now' }).click();
    await page.getByText('Imported as version 1').waitFor();
    await eventually(() => row('plant', region('Imports and previews')).innerText()).toContain('done');
    expect(await version()).toBe('1');
  });

  test.runIf(existsSync(NETBOX))('an export of another tool in several files is recognised and taken', async () => {
    await page.getByLabel('Source').first().fill('netbox');
    await page.getByLabel('Files').setInputFiles(['nodes', 'edges', 'contacts'].map((name) => `${NETBOX}${name}.csv`));
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = region('What it would do');
    await eventually(() => row('CIs', preview).locator('td.number').first().innerText()).toBe('445');
    await shot('import-netbox'); // 442 nodes and three people
    await preview.getByRole('button', { name: 'Import now' }).click();
    await page.getByText('Imported as version 2').waitFor();
  });

  test('a CI is found by part of its name, read, edited, and its history told', async () => {
    await go('cis');
    await page.getByLabel('Search').fill('核心交换');
    await eventually(() => page.getByRole('table').getByRole('row').count()).toBe(3);
    await row('Core switch 1').getByText('ok').waitFor();
    await page.getByLabel('Search').fill('');
    await shot('list');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2').waitFor();
    const { items: people } = await api.get<{ items: { id: string }[] }>(
      `/api/v1/cmdb/cis?q=${encodeURIComponent('陈建国')}`,
    );
    const rota = { name: 'first', members: [people[0]!.id], timeZone: 'Asia/Shanghai', startsOn: '2026-01-05' };
    await api.post('/api/v1/cmdb/on-call/calendars', {
      ciId: 'service-paper',
      name: 'paper',
      layers: [{ ...rota, handOver: { every: 1, unit: 'weeks', at: '09:00' } }],
    });
    await go(`cis/${await idOf('service-paper')}`);
    await page.getByRole('heading', { name: /Paper production/ }).waitFor();
    await eventually(() => region('Owners').innerText()).toMatch(/accountable[\s\S]*deputy[\s\S]*On call[\s\S]*陈建国/);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByLabel('costPerHour').fill('91000');
    await page.getByRole('region', { name: 'Attributes' }).getByLabel('Reason').fill('new price list');
    await page.getByRole('button', { name: 'Save' }).click();
    await eventually(() => region('History').innerText()).toMatch(/new price list|costPerHour: 86000 → 91000/);
    await row('new', region('History').getByRole('table')).waitFor();
    await region('History').getByRole('button', { name: 'Look' }).last().click();
    await eventually(() => region('As it was at').innerText()).toMatch(/costPerHour\s+86000\s+91000/);
    await shot('ci');
  });

  test('the graph shows what an alert brings down and what redundancy still carries, and is walked by keyboard', async () => {
    const alert = { status: 'firing', labels: { alertname: 'HostDown', ci: 'switch-core-1', severity: 'critical' } };
    await api.post('/api/v1/cmdb/alerts/alertmanager', {
      version: '4',
      status: 'firing',
      alerts: [{ ...alert, annotations: {}, startsAt: new Date().toISOString(), fingerprint: 'a1' }],
    });
    await go(`graph?ci=${await idOf('switch-pm1')}`);
    await node(/^Core switch 1.*down/).waitFor();
    await node(/^Access switch pm1.*degraded/).waitFor();
    expect(await page.locator('.redundancy.degraded').first().textContent()).toContain('1/2 ≥ 1');
    await node(/^Access switch pm1/).focus();
    await page.keyboard.press('ArrowRight');
    await eventually(() => page.evaluate<string>('document.activeElement.getAttribute("aria-label")')).not.toMatch(
      /Access switch pm1/,
    );
    await page.keyboard.press('ArrowLeft');
    await node(/^Core switch 1/).click();
    await eventually(() => region('Chosen CI').innerText()).toMatch(/Core switch 1[\s\S]*failed by itself/);
    await shot('graph');
    const before = await page.locator('.ci').count();
    await page.locator('.more').first().click();
    await eventually(() => page.locator('.ci').count()).toBeGreaterThan(before);
    await go(`graph?ci=${await idOf('service-paper')}`);
    await page.getByLabel('owners, places and agreements too').check();
    await page.locator('.tie.fact').first().waitFor({ state: 'attached' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await shot('graph-dark');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('what breaks is told with owners, cost and chain; the next loss, single points and root causes too', async () => {
    await page.getByRole('link', { name: 'What breaks', exact: true }).click();
    await row('Paper production').waitFor();
    await shot('present');
    await page.getByLabel('Add a CI').fill('feed-server-room');
    await page.locator('.found button').first().click();
    const verdict = region('If that were so');
    await row('Paper production', verdict).waitFor();
    await eventually(() => row('Paper production', verdict).innerText()).toMatch(/down[\s\S]*91,000[\s\S]*accountable/);
    expect(await verdict.locator('.term').first().innerText()).toMatch(/Services down\s+\d/);
    await verdict.locator('.tie.step').first().waitFor({ state: 'attached' });
    await shot('what-if');
    await page.getByLabel(/What becomes of/).selectOption('maintain');
    await verdict.getByText('maintenance').first().waitFor();
    await page.getByRole('button', { name: 'Take out' }).first().click();
    await row('Paper production').getByRole('button', { name: 'Next single loss' }).click();
    await eventually(() => row('Paper production').getByRole('status').innerText()).toMatch(/Line controller pm1/);
    const points = region('Single points of failure');
    await points.getByRole('button', { name: 'Search' }).click();
    await points.getByRole('row').nth(1).waitFor();
    const causes = region('Root causes');
    await causes.getByRole('button', { name: /All that alarms now/ }).click();
    await eventually(() => causes.getByRole('row').nth(1).innerText()).toMatch(/Core switch 1[\s\S]*100 %/);
    await shot('questions');
  });

  test('two CIs that seem to be one are decided on, and the model is read and changed after a preview', async () => {
    const server = (key: string) => ({ key, type: 'server', attributes: { serialNumber: 'S-4711' } });
    await api.post('/api/v1/cmdb/import', { cis: [server('spare-1'), server('spare-2')] });
    await api.post('/api/v1/cmdb/duplicates/search', { type: 'server', identifier: ['serialNumber'] });
    await go('import');
    const duplicates = region('Duplicates to decide');
    await row('S-4711', duplicates).waitFor();
    await shot('import-duplicates');
    await row('S-4711', duplicates)
      .getByRole('button', { name: /keep spare-2/ })
      .click();
    await duplicates.getByText('No two CIs seem to be one.').waitFor();
    expect((await api.list<{ key: string }>('/api/v1/cmdb/cis?q=spare-')).map(({ key }) => key)).toEqual(['spare-2']);
    await go('model');
    await region('Types of CIs').waitFor();
    await shot('model');
    await page.getByRole('button', { name: 'Add a type' }).click();
    const made = page.getByRole('form', { name: 'Add a type' });
    await made.getByLabel('Key').fill('robot');
    await made.getByLabel('Inherits from').selectOption('equipment');
    await made.getByLabel('Name in English').fill('Robot');
    await made.getByLabel('Name in Chinese').fill('机器人');
    await made.getByRole('button', { name: 'Preview' }).click();
    await made.getByRole('status').waitFor();
    await made.getByLabel('Reason').fill('a new cell');
    await shot('model-new');
    await made.getByRole('button', { name: 'Change the model' }).click();
    await page.getByRole('heading', { name: 'Robot' }).waitFor();
    await row('powerKw').getByText('Equipment unit').waitFor();
    await go('model/server');
    await page.getByRole('button', { name: 'Change the type' }).click();
    const form = page.getByRole('form', { name: 'Change the type' });
    await form.getByLabel('Attribute').fill('slot');
    await form.getByLabel('Meaning in English').fill('place in the rack');
    await form.getByLabel('Meaning in Chinese').fill('机架位置');
    await form.getByLabel('required').check();
    await form.getByRole('button', { name: 'Preview' }).click();
    await eventually(() => form.getByRole('status').innerText()).toMatch(/[1-9]\d* would not fit/);
    await form.getByLabel('Reason').fill('audit');
    await shot('model-preview');
    await form.getByRole('button', { name: /list these as tasks/ }).click();
    await row('slot').waitFor();
  });

  test('in Chinese too, on a telephone, without complaints of the browser', async () => {
    await page.getByLabel('语言 / Language').selectOption('zh-CN');
    const places = {
      cis: '配置项',
      [`cis/${await idOf('server-1')}`]: 'Virtualisation host 1 虚拟化主机 1',
      [`graph?ci=${await idOf('switch-pm1')}`]: '依赖图',
      [`impact?fail=${await idOf('feed-server-room')}`]: '影响分析',
      import: '导入',
      model: '模型',
    };
    for (const [place, title] of Object.entries(places)) {
      await page.setViewportSize({ width: 1280, height: 1100 });
      await go(place);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page.getByText('加载中…').waitFor({ state: 'detached' });
      const name = place.split(/[/?]/)[0] === 'cis' && place !== 'cis' ? 'ci' : place.split('?')[0]!;
      await shot(`zh-${name}`);
      expect(await page.locator('main').innerText(), place).not.toMatch(ENGLISH);
      await page.setViewportSize({ width: 390, height: 844 });
      await eventually(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await shot(`phone-${name}`);
    }
    await go('import');
    const broken = { name: '资产.csv', mimeType: 'text/csv', buffer: Buffer.from('id,type\nshop,nonsense_type,1\n') };
    await page.getByLabel('文件').setInputFiles(broken);
    await page.getByRole('button', { name: '预览' }).click();
    await eventually(() => page.getByRole('alert').innerText()).toMatch(/未导入任何内容：资产\.csv 第 2 行/);
    expect(complaints).toEqual([]);
  });

  test('whoever may only look is offered nothing else', async () => {
    const password = `${platform.adminPassword}-viewer`;
    await api.post('/api/v1/users', { login: 'looker', name: 'Looker', password, roles: ['viewer'] });
    await page.setViewportSize({ width: 1280, height: 1100 });
    await page.getByLabel('语言 / Language').selectOption('en');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel(/User name/).fill('looker');
    await page.getByLabel(/Password/).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await go('import');
    await page.getByText('Your role may look, and not import').waitFor();
    expect(await page.getByLabel('Files').count()).toBe(0);
    await go(`cis/${await idOf('server-1')}`);
    await region('Attributes').getByRole('table').waitFor();
    expect(await page.getByRole('button', { name: 'Edit', exact: true }).count()).toBe(0);
    expect(await page.getByText('Announce maintenance').count()).toBe(0);
    await go('model/server');
    await row('slot').waitFor();
    expect(await page.getByRole('button', { name: 'Change the type' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
