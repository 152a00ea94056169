import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type MailServer, smtpAnswer, startMailServer } from '../../test/fixtures/mailServer.ts';
import { type NotifyBed, notifyBed, requestTo, testMigrations } from '../notify.fixture.ts';
import { CLAIM_MS } from './claim.ts';
import { ATTEMPT_MS } from './deliver.ts';
import { RETRY_PAUSES_MS } from './retryPolicy.ts';

let pg: TestDatabase;
let mail: MailServer;
let bed: NotifyBed;

beforeAll(async () => {
  pg = await testDatabase(testMigrations);
});
afterAll(() => pg.stop());
beforeEach(async () => {
  // What an earlier test left unsent is not this one's to send.
  await pg.asOwner('delete from event');
  mail = await startMailServer();
  bed = await notifyBed(pg, { smtpUrl: `smtp://127.0.0.1:${mail.port}` });
});
afterEach(async () => {
  await bed.stop();
  await mail.stop();
});

const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const statuses = async () => (await bed.messages()).map((m) => m.status);
const untilStatus = (...expected: string[]) => until(async () => expect(await statuses()).toEqual(expected));
/** Moves the clock in steps that let the relay look and the database answer. */
const pass = async (ms: number) => {
  await bed.clock.advance(ms);
  await new Promise((resolve) => setTimeout(resolve, 20));
};
/** Lets time pass until so many attempts were made, and no further: a claim must not run out while a test looks on. */
const passUntilAttempts = (count: number, stepMs = CLAIM_MS / 10) =>
  until(async () => {
    if ((await bed.attempts()).length < count) await pass(stepMs);
    expect(await bed.attempts()).toHaveLength(count);
  });

describe('a message', () => {
  test('goes out after the commit, once, and its attempt is recorded', async () => {
    const request = requestTo({ name: 'Ada', email: 'ada@plant.example' });
    const ids = await bed.ask(request, request);
    expect(await bed.ask(request)).toEqual([]);
    expect(ids).toHaveLength(1);
    await untilStatus('sent');
    expect(mail.mails).toHaveLength(1);
    expect(mail.mails[0]).toMatchObject({ to: ['ada@plant.example'], from: 'faultline@plant.example' });
    expect(mail.mails[0]!.headers.get('message-id')).toBe(`<${ids[0]}@plant.example>`);
    expect(await bed.attempts()).toMatchObject([{ attempt: 1, channel: 'mail server', outcome: 'sent', reason: null }]);
    const [row] = await bed.pg.asOwner('select sent_at from notification where tenant_id = $1', [bed.pg.tenantId]);
    expect(row).toEqual({ sent_at: new Date(bed.clock.nowMs()) });
  });

  test('never goes out after a rollback', async () => {
    const work = bed.pg.db.tenant(bed.pg.tenantId, async (tx) => {
      await bed.notify.notifier.request(tx, requestTo());
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    await bed.ask(requestTo({ email: 'real@plant.example' }));
    await untilStatus('sent');
    expect(mail.mails.map((m) => m.to[0])).toEqual(['real@plant.example']);
  });

  test('of the same key goes to another recipient, and of another key to the same one', async () => {
    const ada = requestTo();
    const bob = requestTo();
    expect(await bed.ask(ada, bob, { ...ada, dedupeKey: 'other' })).toHaveLength(3);
    await untilStatus('sent', 'sent', 'sent');
    expect(mail.mails).toHaveLength(3);
  });

  test('asked for twice at the same time is one message', async () => {
    const request = requestTo();
    const made = await Promise.all(Array.from({ length: 6 }, () => bed.ask(request)));
    expect(made.flat()).toHaveLength(1);
    await untilStatus('sent');
    expect(mail.mails).toHaveLength(1);
  });

  test('that fits no template is refused in the caller’s transaction', async () => {
    await expect(bed.ask({ ...requestTo(), template: 'nonsense' })).rejects.toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
    await expect(bed.ask({ ...requestTo(), template: 'impact-owner', params: {} })).rejects.toMatchObject({
      code: 'TEMPLATE_PARAMS',
      message: expect.stringContaining('service'),
    });
    await expect(bed.ask({ ...requestTo(), link: 'javascript:alert(1)' })).rejects.toMatchObject({
      code: 'MESSAGE_LINK',
    });
  });

  test('of another tenant stays invisible and out of the way', async () => {
    const request = requestTo();
    await bed.ask(request);
    const elsewhere = await bed.pg.db.tenant('01890000-0000-7000-8000-0000000000ff', (tx) =>
      bed.notify.notifier.requestAll(tx, [request]),
    );
    expect(elsewhere).toHaveLength(1);
    await until(() => expect(mail.mails).toHaveLength(2));
    const seen = await bed.pg.db.tenant(bed.pg.tenantId, (tx) => tx.query('select 1 from notification'));
    expect(seen.rowCount).toBe(1);
  });
});

test('many messages of one event go out together, a bounded number at once', async () => {
  let inside = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  mail.onMail = async () => {
    most = Math.max(most, ++inside);
    if (most >= 5) gate.resolve();
    await gate.promise;
    inside--;
  };
  await bed.ask(...Array.from({ length: 60 }, () => requestTo()));
  await until(() => expect(mail.mails).toHaveLength(60));
  expect(most).toBe(5);
  expect(mail.connections).toBeLessThanOrEqual(5);
  await until(async () => expect(new Set(await statuses())).toEqual(new Set(['sent'])));
  expect(new Set(mail.mails.map((m) => m.to[0])).size).toBe(60);
});

describe('failures', () => {
  test('for now are tried again after growing pauses, then given up, each recorded', async () => {
    mail.onMail = () => Promise.reject(smtpAnswer(451, 'come back later'));
    await bed.ask(requestTo());
    await passUntilAttempts(1, 250);
    for (const [n, pauseMs] of RETRY_PAUSES_MS.entries()) {
      await untilStatus('retrying');
      await pass(pauseMs - 1000);
      expect(await bed.attempts()).toHaveLength(n + 1);
      await passUntilAttempts(n + 2, 250);
    }
    await untilStatus('dead');
    const attempts = await bed.attempts();
    expect(attempts).toHaveLength(RETRY_PAUSES_MS.length + 1);
    expect(new Set(attempts.map((a) => a.outcome))).toEqual(new Set(['failed']));
    const startedMs = attempts.map((a) => a.startedAt.getTime());
    for (const [n, pauseMs] of RETRY_PAUSES_MS.entries()) {
      const pausedMs = startedMs[n + 1]! - startedMs[n]!;
      expect(pausedMs).toBeGreaterThanOrEqual(pauseMs);
      expect(pausedMs).toBeLessThan(pauseMs + 5_000);
    }
    expect((await bed.messages())[0]!.reason).toMatch(/come back later/);
    expect(bed.log.some((line) => line.includes('message given up'))).toBe(true);
    mail.onMail = async () => undefined;
    for (let i = 0; i < 20; i++) await pass(3_600_000);
    expect(mail.mails).toHaveLength(0);
  });

  test('for now end with the first success', async () => {
    let refusals = 2;
    mail.onMail = async () => {
      if (refusals-- > 0) throw smtpAnswer(421, 'restarting');
    };
    await bed.ask(requestTo());
    await untilStatus('retrying');
    await passUntilAttempts(2, 1000);
    await untilStatus('retrying');
    await passUntilAttempts(3, 1000);
    await untilStatus('sent');
    expect((await bed.attempts()).map((a) => a.outcome)).toEqual(['failed', 'failed', 'sent']);
    expect((await bed.messages())[0]!.reason).toBeNull();
  });

  test('for good end it at once when no other channel reaches the recipient', async () => {
    mail.onRecipient = () => {
      throw smtpAnswer(550, 'no such mailbox');
    };
    await bed.ask(requestTo());
    await until(async () => {
      await bed.clock.advance(250);
      expect(await statuses()).toEqual(['dead']);
    });
    expect(await bed.attempts()).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('no such mailbox') },
    ]);
    expect((await bed.messages())[0]!.reason).toContain('no such mailbox');
  });

  test('of one message hold up no other', async () => {
    mail.onRecipient = (address) => {
      if (address.startsWith('broken')) throw smtpAnswer(450, 'later');
    };
    await bed.ask(requestTo({ email: 'broken@plant.example' }), requestTo({ email: 'fine@plant.example' }));
    await until(async () => expect((await statuses()).sort()).toEqual(['retrying', 'sent']));
  });

  test('a server that never answers is a failure after a bounded time', async () => {
    const asked = Promise.withResolvers<void>();
    mail.onMail = () => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    await bed.ask(requestTo());
    await asked.promise;
    await bed.clock.advance(ATTEMPT_MS - 1);
    expect(await statuses()).toEqual(['sending']);
    await bed.clock.advance(1);
    await untilStatus('retrying');
    expect((await bed.attempts())[0]!.reason).toMatch(/no outcome within 30 s/);
  });
});

describe('nobody can be reached', () => {
  test('without an address', async () => {
    const { email: _, ...recipient } = requestTo().recipient;
    await bed.ask({ ...requestTo(), recipient });
    await untilStatus('undeliverable');
    expect((await bed.messages())[0]).toMatchObject({
      attempts: 0,
      reason: expect.stringContaining('no e-mail address'),
    });
    expect(await bed.attempts()).toEqual([]);
  });

  test.each(['not an address', 'a@b\r\nBcc: all@plant.example', 'a@b,c@d', '<a@b>', 'a b@c.d'])(
    'with the address %j',
    async (email) => {
      await bed.ask(requestTo({ email }));
      await untilStatus('undeliverable');
      expect((await bed.messages())[0]!.reason).toContain('not valid');
      expect(mail.mails).toEqual([]);
    },
  );

  test('without any channel', async () => {
    const bare = await notifyBed(pg);
    await bare.ask(requestTo());
    await until(async () =>
      expect((await bare.messages())[0]!.reason).toContain('no notification channel is configured'),
    );
    await bare.stop();
  });
});

describe('a process that dies', () => {
  test('before it began to send: another one takes over', async () => {
    await bed.notify.stop();
    await bed.ask(requestTo());
    await until(async () => {
      const done = await bed.pg.asOwner('select 1 from event_delivery where done_at is not null and tenant_id = $1', [
        bed.pg.tenantId,
      ]);
      expect(done).toHaveLength(1);
    });
    expect(await statuses()).toEqual(['pending']);
    const other = await bed.another();
    await passUntilAttempts(1);
    await untilStatus('sent');
    expect(mail.mails).toHaveLength(1);
    await other.stop();
  });

  test('in mid-conversation: the message is sent again under the same id, and the open attempt stays visible', async () => {
    const first = Promise.withResolvers<void>();
    let conversations = 0;
    mail.onMail = async () => {
      // The first conversation reaches the server and never comes to an end for the sender.
      if (++conversations === 1) {
        first.resolve();
        await new Promise(() => undefined);
      }
    };
    const [id] = await bed.ask(requestTo());
    await first.promise;
    await bed.stop();
    expect(await statuses()).toEqual(['sending']);
    const other = await bed.another();
    await passUntilAttempts(2);
    await untilStatus('sent');
    expect(mail.mails.map((m) => m.headers.get('message-id'))).toEqual([`<${id}@plant.example>`]);
    expect((await bed.attempts()).map((a) => a.outcome)).toEqual([null, 'sent']);
    await other.stop();
  });
});

test('a stop lets a conversation under way come to its end, and begins no other', async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  mail.onMail = () => {
    asked.resolve();
    return gate.promise;
  };
  await bed.ask(requestTo());
  await asked.promise;
  const stopped = bed.notify.stop();
  await bed.ask(requestTo());
  gate.resolve();
  await stopped;
  expect(await statuses()).toEqual(['sent', 'pending']);
});

test('two processes send a message once', async () => {
  const other = await bed.another();
  await bed.ask(...Array.from({ length: 40 }, () => requestTo()));
  await until(async () => expect(new Set(await statuses())).toEqual(new Set(['sent'])));
  expect(mail.mails).toHaveLength(40);
  expect(new Set((await bed.attempts()).map((a) => a.attempt))).toEqual(new Set([1]));
  await other.stop();
});

test('reminders end with the messages they are about', async () => {
  await bed.ask(...Array.from({ length: 10 }, () => requestTo()));
  await until(async () => expect(new Set(await statuses())).toEqual(new Set(['sent'])));
  for (let i = 0; i < 30; i++) await pass(CLAIM_MS / 10);
  await until(async () => {
    expect(
      await bed.pg.asOwner('select 1 from event_delivery where done_at is null and tenant_id = $1', [bed.pg.tenantId]),
    ).toEqual([]);
  });
  const events = await bed.pg.asOwner<{ cause: string }>(
    `select payload->>'cause' as cause from event where tenant_id = $1`,
    [bed.pg.tenantId],
  );
  expect(events.filter((e) => e.cause === 'requested')).toHaveLength(1);
  expect(events.filter((e) => e.cause === 'watch').length).toBeLessThanOrEqual(1);
});
