import { z } from 'zod';
import {
  type App,
  type Clock,
  type Database,
  type Egress,
  getUser,
  newId,
  reasonOf,
  type Sealer,
} from '../../platform/index.ts';
import { type ChannelDirectory, PLATFORM_CHANNEL } from '../channels/directory.ts';
import type { SmtpSettings } from '../channels/smtp.ts';
import {
  changeChannel,
  deleteChannel,
  getChannel,
  insertChannel,
  listChannels,
  type NewChannel,
  type StoredChannel,
} from '../channels/store.ts';
import { checkWebhookUrl } from '../channels/webhook.ts';
import { notifyErrors } from '../errors.ts';
import { type RenderOptions, render } from '../templates/render.ts';

const common = {
  name: z.string().trim().min(1).max(80),
  rank: z.number().int().min(0).max(1000).default(200).describe('Lower goes first; the operator’s mail server has 100'),
  enabled: z.boolean().default(true),
};

const oneLineText = z.string().regex(/^[^\p{Cc}]*$/u, { error: 'must not hold control characters' });

const newChannelBody = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('smtp'),
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9.:-]+$/, { error: 'must be a host name or an address' }),
    port: z.number().int().min(1).max(65_535),
    tls: z.enum(['implicit', 'required']),
    user: oneLineText.max(200).optional(),
    password: z.string().max(500).optional(),
    from: oneLineText.max(320).regex(/@/, { error: 'must hold an e-mail address' }),
  }),
  z.object({
    ...common,
    kind: z.literal('webhook'),
    url: z.string().max(2000),
    secret: z.string().min(16).max(500).describe('Signs every message: see the header Faultline-Signature'),
  }),
]);

const channelBody = z
  .object({
    id: z.string().describe('An id, or "platform" for the mail server that the operator configured'),
    name: z.string(),
    kind: z.enum(['smtp', 'webhook']),
    destination: z.string(),
    rank: z.number(),
    enabled: z.boolean(),
  })
  .meta({ id: 'NotificationChannel' });

const TEST_MS = 20_000;

export interface ChannelRouteDeps {
  db: Database;
  clock: Clock;
  sealer: Sealer;
  egress: Egress;
  directory: ChannelDirectory;
  platform: SmtpSettings | null;
  words: () => RenderOptions;
}

/** The ways by which a tenant's people are told. */
export function channelRoutes(deps: ChannelRouteDeps): (app: App) => void {
  const tags = ['notifications'];
  const params = z.object({ id: z.uuid() });
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/notification-channels',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'List the channels in the order in which they are tried',
        response: { 200: z.object({ items: z.array(channelBody), nextCursor: z.null() }) },
      },
      handler: async ({ principal }) => {
        const own = (await deps.db.tenant(principal.tenantId, listChannels)).map(toBody);
        const { key: id, ...platform } = PLATFORM_CHANNEL;
        const operators = deps.platform
          ? [{ id, ...platform, kind: 'smtp' as const, destination: deps.platform.host, enabled: true }]
          : [];
        return { items: [...own, ...operators].sort((a, b) => a.rank - b.rank), nextCursor: null };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/notification-channels',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'Add a channel',
        description: 'Destinations inside private networks need the operator’s consent (WEBHOOK_ALLOW).',
        body: newChannelBody,
        response: { 201: channelBody },
      },
      handler: async ({ principal, body }, reply) => {
        const channel = toNewChannel(body);
        demandDestination(channel, deps.egress);
        const now = new Date(deps.clock.nowMs());
        const stored = await deps.db.tenant(principal.tenantId, (tx) => insertChannel(tx, deps.sealer, channel, now));
        return reply.code(201).send(toBody(stored));
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/v1/notification-channels/:id',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'Enable, disable or re-rank a channel',
        params,
        body: z.object({ enabled: z.boolean(), rank: common.rank.unwrap() }).partial().strict(),
        response: { 200: channelBody },
      },
      handler: async ({ principal, params: { id }, body }) =>
        toBody(await deps.db.tenant(principal.tenantId, (tx) => changeChannel(tx, id, body))),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/notification-channels/:id',
      config: { permission: 'notifications:write' },
      schema: { tags, summary: 'Remove a channel', params, response: { 204: z.undefined().describe('Done') } },
      handler: async ({ principal, params: { id } }, reply) => {
        await deps.db.tenant(principal.tenantId, (tx) => deleteChannel(tx, id));
        return reply.code(204).send();
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/notification-channels/:id/test',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'Send a test message to myself through a channel',
        params,
        response: { 200: z.object({ delivered: z.boolean(), reason: z.string().nullable() }) },
      },
      handler: async ({ principal, params: { id } }) => {
        const { stored, me } = await deps.db.tenant(principal.tenantId, async (tx) => ({
          stored: await getChannel(tx, id),
          me: await getUser(tx, principal.userId ?? newId()),
        }));
        const channel = deps.directory.open(principal.tenantId, stored);
        const recipient = {
          ref: me.id,
          name: me.name,
          locale: me.locale,
          ...(me.email !== null && { email: me.email }),
        };
        if (channel.addressOf(recipient) === null) {
          return { delivered: false, reason: 'your account has no e-mail address; add one to it' };
        }
        const title = { en: 'Test message from Faultline', zh: 'Faultline 测试消息' };
        const text = { en: `The channel ${stored.name} works.`, zh: `通道“${stored.name}”工作正常。` };
        const template = 'generic' as const;
        const wanted = { template, recipient, params: { title, body: text }, link: null };
        const late = new AbortController();
        const timer = deps.clock.setTimer(TEST_MS, () => late.abort(new Error('no answer in time')));
        const requestedAt = new Date(deps.clock.nowMs());
        try {
          const message = { ...wanted, ...render(wanted, deps.words()), id: newId(), requestedAt, attempt: 1 };
          await channel.send(message, late.signal);
          return { delivered: true, reason: null };
        } catch (error) {
          return { delivered: false, reason: reasonOf(error) };
        } finally {
          timer.cancel();
        }
      },
    });
  };
}

function toNewChannel(body: z.infer<typeof newChannelBody>): NewChannel {
  const { name, rank, enabled } = body;
  if (body.kind === 'webhook') {
    return { name, rank, enabled, kind: 'webhook', settings: { url: body.url }, secret: body.secret };
  }
  const { host, port, tls, user, from } = body;
  return {
    name,
    rank,
    enabled,
    kind: 'smtp',
    settings: { host, port, tls, user, from },
    secret: body.password ?? null,
  };
}

function demandDestination(channel: NewChannel, egress: Egress): void {
  try {
    if (channel.kind === 'webhook') checkWebhookUrl(channel.settings.url, egress);
    else egress.checkHost(channel.settings.host);
  } catch (error) {
    const field = channel.kind === 'webhook' ? 'url' : 'host';
    throw notifyErrors.CHANNEL_DESTINATION({ reason: reasonOf(error) }, { field, cause: error });
  }
}

function toBody(stored: StoredChannel): z.infer<typeof channelBody> {
  const { id, name, kind, rank, enabled } = stored;
  // A webhook's path often is its secret: the origin is enough to recognise it.
  const destination = stored.kind === 'webhook' ? new URL(stored.settings.url).origin : stored.settings.host;
  return { id, name, kind, destination, rank, enabled };
}
