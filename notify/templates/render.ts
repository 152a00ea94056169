import { notifyErrors } from '../errors.ts';
import { type MessageLocale, messageLocale, type Recipient, type RenderedMessage } from '../message.ts';
import { CATALOGUE, type Filter, type Line, WORDS } from './catalogue.ts';
import { isTemplateKind, TEMPLATE_FIELDS, TEMPLATE_KINDS, type TemplateKind } from './fields.ts';

const MAX_TEXT = 500;
const MAX_LIST = 20;
const MAX_SUBJECT = 150;

export interface Wanted {
  readonly template: TemplateKind;
  readonly recipient: Pick<Recipient, 'name' | 'locale'>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Absolute or a path; already checked by `absoluteLink`. */
  readonly link: string | null;
  /** Where the recipient answers without signing in. */
  readonly answerLink?: string | null;
}

export interface RenderOptions {
  /** IANA name; times are shown in it, with its offset. */
  readonly timeZone: string;
  /** The server's address as people reach it, for links that are paths. */
  readonly publicUrl: string | undefined;
}

/**
 * Checks what a caller wants to say against the template's fields.
 *
 * @throws TEMPLATE_UNKNOWN, TEMPLATE_PARAMS
 */
export function checkParams(
  template: string,
  params: Readonly<Record<string, unknown>>,
): { template: TemplateKind; params: Record<string, unknown> } {
  if (!isTemplateKind(template)) {
    throw notifyErrors.TEMPLATE_UNKNOWN({ template, known: TEMPLATE_KINDS }, { field: 'template' });
  }
  const checked = TEMPLATE_FIELDS[template].safeParse(params);
  if (checked.success) return { template, params: checked.data };
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  const field = `params.${checked.error.issues[0]?.path.join('.') ?? ''}`;
  throw notifyErrors.TEMPLATE_PARAMS({ template, problems }, { field });
}

/**
 * Puts a message into words. Every parameter is untrusted: control and direction-changing characters are removed, long
 * ones cut, and each is escaped for the place it lands in.
 */
export function render(wanted: Wanted, options: RenderOptions): RenderedMessage {
  const locale = messageLocale(wanted.recipient.locale);
  const wording = CATALOGUE[wanted.template][locale];
  const values: Record<string, unknown> = {
    ...wanted.params,
    recipientName: wanted.recipient.name,
    link: wanted.link,
    answerLink: wanted.answerLink,
  };
  const write = (line: Line, place: Place): string | null => writeLine(line, values, { locale, place, ...options });
  const lines = (place: Place) => wording.lines.map((line) => write(line, place)).filter((line) => line !== null);
  const subject = wording.subject.map((line) => write(line, 'text')).find((line) => line !== null) ?? wanted.template;
  return {
    locale,
    subject: cut(oneLine(subject), MAX_SUBJECT),
    text: `${lines('text').join('\n')}\n`,
    html: `<!doctype html><html lang="${locale}"><meta charset="utf-8"><body>${lines('html')
      .map((line) => `<p>${line}</p>`)
      .join('')}</body></html>`,
  };
}

/** The link as a recipient can follow it. @throws MESSAGE_LINK for anything that is not a path or http(s) */
export function absoluteLink(link: string, publicUrl: string | undefined): string {
  const absolute = followable(link, publicUrl);
  if (absolute === null) throw notifyErrors.MESSAGE_LINK({}, { field: 'link' });
  return absolute;
}

function followable(link: string, publicUrl: string | undefined): string | null {
  if (/^\/(?![/\\])/.test(link)) return publicUrl ? new URL(link, publicUrl).href : link;
  return URL.canParse(link) && ['http:', 'https:'].includes(new URL(link).protocol) ? new URL(link).href : null;
}

type Place = 'text' | 'html';
interface Context extends RenderOptions {
  locale: MessageLocale;
  place: Place;
}

/** Null when a parameter of the line is absent: then the line has nothing to say. */
function writeLine(line: Line, values: Readonly<Record<string, unknown>>, context: Context): string | null {
  let written = '';
  for (const piece of line) {
    if ('fixed' in piece) {
      written += context.place === 'html' ? escapeHtml(piece.fixed) : piece.fixed;
      continue;
    }
    const value = values[piece.param];
    if (value === null || value === undefined || value === '' || value === 0) return null;
    if (Array.isArray(value) && value.length === 0) return null;
    const text = cut(oneLine(format(piece.param, piece.filter, value, context)), MAX_TEXT);
    if (text === '') return null;
    written += context.place === 'text' ? text : piece.filter === 'link' ? anchor(text) : escapeHtml(text);
  }
  return written;
}

function format(param: string, filter: Filter, value: unknown, context: Context): string {
  const { locale } = context;
  switch (filter) {
    case 'text':
      return localText(value, locale);
    case 'word':
      return WORDS[locale][param]?.[String(value)] ?? localText(value, locale);
    case 'number':
      return Number(value).toLocaleString(locale, { maximumFractionDigits: 2 });
    case 'time':
      return formatTime(value as string | number, locale, context.timeZone);
    case 'list':
      return cutList(value).join(locale === 'zh-CN' ? '、' : ', ');
    case 'chain':
      return cutList(value).join(' → ');
    case 'link':
      // A parameter that is no link is not worth losing the message for: its line is left out.
      return followable(String(value), context.publicUrl) ?? '';
    default:
      return filter satisfies never;
  }
}

function localText(value: unknown, locale: MessageLocale): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const texts = value as { en?: unknown; zh?: unknown };
  return String((locale === 'zh-CN' ? texts.zh : texts.en) ?? '');
}

function cutList(value: unknown): string[] {
  const items = (value as unknown[]).map(String);
  return items.length <= MAX_LIST ? items : [...items.slice(0, MAX_LIST), `… (+${items.length - MAX_LIST})`];
}

function formatTime(value: string | number, locale: MessageLocale, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone,
    timeZoneName: 'shortOffset',
  }).format(new Date(value));
}

// C0 and C1 controls end a header or a line; the bidirectional ones make a text read differently from what it is.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** A text without anything that could start a new line, header or reading direction. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, ' ').trim();
}

function cut(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

function anchor(address: string): string {
  const escaped = escapeHtml(address);
  return /^https?:/.test(address) ? `<a href="${escaped}">${escaped}</a>` : escaped;
}
