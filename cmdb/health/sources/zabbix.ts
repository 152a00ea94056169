import { z } from 'zod';
import { cmdbErrors } from '../../errors.ts';
import type { Alert } from '../alert.ts';

/** Zabbix's severities by number. */
const SEVERITIES = ['not classified', 'information', 'warning', 'average', 'high', 'disaster'] as const;

const id = z.union([z.number().int(), z.string().min(1).max(40)]).transform(String);
const moment = { clock: z.number(), ns: z.number().default(0), eventid: id };

/** An event as Zabbix streams it: a connector of the type Events, newline-delimited JSON. */
const streamedEvent = z.discriminatedUnion('value', [
  z.object({
    ...moment,
    value: z.literal(1),
    name: z.string(),
    severity: z.number().int().min(0).max(5),
    hosts: z.array(z.object({ host: z.string(), name: z.string().optional() })).default([]),
    groups: z.array(z.string()).default([]),
    tags: z.array(z.object({ tag: z.string(), value: z.string().default('') })).default([]),
  }),
  z.object({ ...moment, value: z.literal(0), p_eventid: id }),
]);

/** What our media type of Zabbix sends (`docs/zabbix-media-type.yaml`): macros under names of their own. */
const mediaTypeMessage = z.object({
  event_id: id,
  event_value: z.union([z.literal(0), z.literal(1), z.literal('0'), z.literal('1')]).transform(Number),
  event_name: z.string().default('problem'),
  event_nseverity: z.coerce.number().int().min(0).max(5).default(0),
  host_host: z.string().default(''),
  host_name: z.string().default(''),
  event_tags: z.string().default('[]'),
  url: z.string().default(''),
});

type Moment = { readonly clock: number; readonly ns: number };
const atMs = ({ clock, ns }: Moment): number => clock * 1000 + Math.floor(ns / 1e6);

/**
 * The alerts of what Zabbix sends: lines of its event stream, or one message of its media type.
 *
 * @param receivedAtMs the time of messages of the media type, whose own clock is written in words
 * @throws {FaultlineError} CMDB_ALERT_LINE
 */
export function zabbixAlerts(text: string, receivedAtMs: number): Alert[] {
  const alerts: Alert[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    alerts.push(alertOf(line, index + 1, receivedAtMs));
  }
  return alerts;
}

function alertOf(line: string, number: number, receivedAtMs: number): Alert {
  const refused = (problem: string) => cmdbErrors.CMDB_ALERT_LINE({ line: number, problem }, { field: `${number}` });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw refused((error as Error).message);
  }
  const isMessage = typeof value === 'object' && value !== null && 'event_id' in value;
  const parsed = isMessage ? mediaTypeMessage.safeParse(value) : streamedEvent.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`${issue!.path.join('.') || 'the line'}: ${issue!.message}`);
  }
  return 'event_id' in parsed.data ? ofMessage(parsed.data, receivedAtMs) : ofEvent(parsed.data);
}

function ofEvent(event: z.infer<typeof streamedEvent>): Alert {
  if (event.value === 0) {
    const endedAtMs = atMs(event);
    return { ...NOTHING_SAID, fingerprint: event.p_eventid, startedAtMs: endedAtMs, endedAtMs };
  }
  const labels: Record<string, string> = {};
  for (const { tag, value } of event.tags) labels[tag] ??= value;
  // A trigger over several hosts is told of the first: that is the one Zabbix shows it at.
  const [host] = event.hosts;
  if (host) Object.assign(labels, { host: host.host, host_name: host.name ?? host.host });
  return {
    fingerprint: event.eventid,
    firing: true,
    severity: SEVERITIES[event.severity]!,
    title: event.name,
    labels,
    startedAtMs: atMs(event),
    endedAtMs: null,
    url: null,
  };
}

function ofMessage(message: z.infer<typeof mediaTypeMessage>, receivedAtMs: number): Alert {
  const firing = message.event_value === 1;
  return {
    fingerprint: message.event_id,
    firing,
    severity: SEVERITIES[message.event_nseverity]!,
    title: message.event_name,
    labels: {
      ...tagsOf(message.event_tags),
      ...(message.host_host === '' ? {} : { host: message.host_host }),
      ...(message.host_name === '' ? {} : { host_name: message.host_name }),
    },
    startedAtMs: receivedAtMs,
    endedAtMs: firing ? null : receivedAtMs,
    url: message.url || null,
  };
}

/** {EVENT.TAGSJSON}; a macro that Zabbix could not fill in says nothing. */
function tagsOf(text: string): Record<string, string> {
  const tags = z.array(z.object({ tag: z.string(), value: z.string().default('') }));
  try {
    return Object.fromEntries(tags.parse(JSON.parse(text)).map(({ tag, value }) => [tag, value]));
  } catch {
    return {};
  }
}

const NOTHING_SAID = { firing: false, severity: '', title: '', labels: {}, url: null } as const;
