import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertmanagerNotification } from '../../cmdb/health/notifications.fixture.ts';
import { buildConsole } from '../../console/build.ts';
import { type MailServer, startMailServer } from '../fixtures/mailServer.ts';
import { type Composed, composed } from '../system/composed.ts';
import { findChromium, openChromium, screenshotPath } from './chromium.ts';

const executable = findChromium();

describe.runIf(executable)('the link of a message to an owner', () => {
  let system: Composed;
  let mail: MailServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    expect(await buildConsole()).not.toBe('no-tools');
    mail = await startMailServer();
    system = await composed({ SMTP_URL: `smtp://127.0.0.1:${mail.port}` });
    browser = await openChromium(executable as string);
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 900, height: 800 } });
    page = await context.newPage();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    await mail?.stop();
  });

  test('shows what it is about without an account, acknowledges on a click alone, and speaks both languages', async () => {
    await system.api.post('/api/v1/cmdb/import', {
      cis: [
        { key: 'shop', type: 'business_service', name: 'Web shop', attributes: { criticality: 1, users: 900 } },
        { key: 'olga', type: 'person', name: 'Olga', attributes: { email: 'olga@plant.example', locale: 'en' } },
        { key: 'nora', type: 'person', name: '诺拉', attributes: { email: 'nora@plant.example', locale: 'zh-CN' } },
        { key: 'web1', type: 'server' },
      ],
      relations: [
        { from: 'shop', type: 'DEPENDS_ON', to: 'web1' },
        { from: 'shop', type: 'OWNED_BY', to: 'olga', attributes: { role: 'accountable' } },
      ],
    });
    const turns = {
      timeZone: 'Asia/Shanghai',
      startsOn: '2026-01-05',
      handOver: { every: 1, unit: 'weeks', at: '09:00' },
    };
    await system.api.post('/api/v1/cmdb/on-call/calendars', {
      ...{ ciId: 'shop', name: 'Shop', layers: [{ name: 'all', members: ['nora'], ...turns }] },
    });
    const labels = { alertname: 'InstanceDown', severity: 'critical', instance: 'web1' };
    await system.api.post(
      '/api/v1/cmdb/alerts/alertmanager',
      alertmanagerNotification([{ fingerprint: 'f', labels, startsAt: new Date().toISOString() }]),
    );
    const linkTo = async (address: string): Promise<string> =>
      vi.waitFor(
        () => {
          const found = mail.mails.find(({ to }) => to.includes(address));
          const link =
            found && /https?:\/\/\S+acknowledge\/fll_[\w-]{43}/.exec(found.parts.get('text/plain') ?? '')?.[0];
          expect(link).toBeDefined();
          return link!;
        },
        { timeout: 60_000, interval: 100 },
      );

    await page.goto(await linkTo('olga@plant.example'));
    await page.getByRole('heading', { name: 'Web shop: a fault concerns you' }).waitFor();
    await page.getByText('web1 → Web shop').waitFor();
    await page.screenshot({ path: screenshotPath('acknowledge-en') });
    interface Detail {
      ownerNotices: { name: string; acknowledgedAt: string | null }[];
    }
    const { items } = await system.api.get<{ items: { id: string }[] }>('/api/v1/work-orders');
    const acknowledged = async () =>
      (await system.api.get<Detail>(`/api/v1/work-orders/${items[0]!.id}`)).ownerNotices
        .filter((notice) => notice.acknowledgedAt !== null)
        .map(({ name }) => name);
    expect(await acknowledged()).toEqual([]);
    await page.getByRole('button', { name: 'I know and take care of it' }).click();
    await page.getByText('Acknowledged by Olga').waitFor();
    expect(await acknowledged()).toEqual(['Olga']);

    // Who is on call reads it in the language of their message; a browser of their own has chosen none yet.
    const theirs = await (
      await browser.newContext({ locale: 'en-GB', viewport: { width: 900, height: 800 } })
    ).newPage();
    await theirs.goto(await linkTo('nora@plant.example'));
    await theirs.getByRole('button', { name: '我已知悉并会处理' }).click();
    await theirs.getByText('诺拉 已于').waitFor();
    await theirs.screenshot({ path: screenshotPath('acknowledge-zh') });
    expect((await acknowledged()).sort()).toEqual(['Olga', '诺拉']);

    await page.goto(`${system.httpUrl}/console/#/acknowledge/fll_${'A'.repeat(43)}`);
    await page.reload();
    await page.getByText('This link does not hold').waitFor();
    // The page of a link leaves nobody signed in.
    await page.goto(`${system.httpUrl}/console/#/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  }, 120_000);
});
