import { z } from 'zod';
import { MESSAGE_LOCALES, type MessageLocale } from '../message.ts';
import assignmentTechnician from './assignment-technician.json' with { type: 'json' };
import { TEMPLATE_FIELDS, TEMPLATE_KINDS, type TemplateKind } from './fields.ts';
import generic from './generic.json' with { type: 'json' };
import impactOwner from './impact-owner.json' with { type: 'json' };
import leaderWarning from './leader-warning.json' with { type: 'json' };
import orderClosed from './order-closed.json' with { type: 'json' };
import orderOverdue from './order-overdue.json' with { type: 'json' };
import supplierSupport from './supplier-support.json' with { type: 'json' };
import words from './words.json' with { type: 'json' };

/** How a parameter is written. Without a filter it is text. */
export const FILTERS = ['text', 'word', 'time', 'number', 'list', 'chain', 'link'] as const;
export type Filter = (typeof FILTERS)[number];

/** A piece of a line: fixed words, or the place of a parameter. */
export type Piece = { readonly fixed: string } | { readonly param: string; readonly filter: Filter };
export type Line = readonly Piece[];

/** One template in one language. The subject is the first alternative whose parameters are all there. */
export interface Wording {
  readonly subject: readonly Line[];
  readonly lines: readonly Line[];
}

const fileSchema = z.record(
  z.enum(MESSAGE_LOCALES),
  z.object({ subject: z.array(z.string()).min(1), lines: z.array(z.string()).min(1) }),
);

const FILES: Readonly<Record<TemplateKind, unknown>> = {
  'impact-owner': impactOwner,
  'leader-warning': leaderWarning,
  'supplier-support': supplierSupport,
  'assignment-technician': assignmentTechnician,
  'order-closed': orderClosed,
  'order-overdue': orderOverdue,
  generic,
};

/** Parameters that every message has besides those of its kind. */
const COMMON = ['recipientName', 'link', 'answerLink'];

/** Words for coded values, by language, parameter and code. */
export const WORDS: Readonly<Record<MessageLocale, Readonly<Record<string, Readonly<Record<string, string>>>>>> = words;

/** All templates, read and checked once: an unknown parameter or filter in a file stops the start. */
export const CATALOGUE = Object.fromEntries(TEMPLATE_KINDS.map((kind) => [kind, readTemplate(kind)])) as Readonly<
  Record<TemplateKind, Readonly<Record<MessageLocale, Wording>>>
>;

function readTemplate(kind: TemplateKind): Record<MessageLocale, Wording> {
  const known = new Set([...COMMON, ...Object.keys(TEMPLATE_FIELDS[kind].shape)]);
  const file = fileSchema.parse(FILES[kind]);
  const wordingOf = (locale: MessageLocale): Wording => ({
    subject: file[locale].subject.map((text) => readLine(text, known, kind)),
    lines: file[locale].lines.map((text) => readLine(text, known, kind)),
  });
  return { en: wordingOf('en'), 'zh-CN': wordingOf('zh-CN') };
}

function readLine(text: string, known: ReadonlySet<string>, kind: string): Line {
  return text
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (!piece.startsWith('{')) return { fixed: piece };
      const [param = '', filter = 'text'] = piece.slice(1, -1).split('|');
      if (!known.has(param)) throw new Error(`template ${kind}: there is no parameter ${param}`);
      if (!(FILTERS as readonly string[]).includes(filter)) throw new Error(`template ${kind}: no filter ${filter}`);
      return { param, filter: filter as Filter };
    });
}
