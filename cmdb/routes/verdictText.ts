import type { AffectedService, ImpactVerdict } from '../impact/verdict.ts';
import type { WhatIf } from '../impact/whatIf.ts';

/** JSON of parts that verdicts share: steps of chains and lists of owners never change, and come back in every verdict. */
const TEXTS = new WeakMap<object, string>();

/**
 * A verdict as JSON, as `JSON.stringify` would write it. A hub's is megabytes of chains made of the same few steps, and
 * to check it piece by piece against its schema, or only to write each step anew, takes many times as long as to find it.
 */
export function verdictText({ failed, services, affected, ...facts }: ImpactVerdict): string {
  const lists = `"failed":${JSON.stringify(failed)},"services":[${services.map(serviceText).join()}]`;
  return `${open(facts)},${lists},"affected":${JSON.stringify(affected)}}`;
}

/** The same of a supposition. */
export function whatIfText({ verdict, ...rest }: WhatIf): string {
  return `${open(rest)},"verdict":${verdictText(verdict)}}`;
}

/** How a route writes its answer; an error is written as any other object. */
export const asVerdict = () => (answer: unknown) =>
  isOf<ImpactVerdict>(answer, 'services') ? verdictText(answer) : JSON.stringify(answer);
export const asWhatIf = () => (answer: unknown) =>
  isOf<WhatIf>(answer, 'difference') ? whatIfText(answer) : JSON.stringify(answer);

function serviceText({ causeChain, owners, ...facts }: AffectedService): string {
  let chain = '';
  for (const step of causeChain) chain += chain === '' ? shared(step) : `,${shared(step)}`;
  return `${open(facts)},"owners":${shared(owners)},"causeChain":[${chain}]}`;
}

function shared(part: object): string {
  const known = TEXTS.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(part);
  // Only what cannot change may be remembered.
  if (Object.isFrozen(part)) TEXTS.set(part, text);
  return text;
}

/** An object that has members, without its closing brace. */
function open(object: object): string {
  return JSON.stringify(object).slice(0, -1);
}

function isOf<T extends object>(answer: unknown, name: keyof T): answer is T {
  return answer !== null && typeof answer === 'object' && name in answer;
}
