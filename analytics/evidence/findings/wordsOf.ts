import type { Finding, FindingCode, ParamsOf } from '../../diagnosis/finding.ts';
import type { Bilingual } from '../bilingual.ts';

/** Words of one kind of finding; `said` gives those of a finding that it is made of. */
export type Wording<C extends FindingCode> = (params: ParamsOf<C>, said: (finding: Finding) => Bilingual) => Bilingual;
export type Words<C extends FindingCode> = { readonly [Code in C]: Wording<Code> };

/** Times over a floor or a limit. */
export const times = (value: number): string => value.toFixed(1);
export const mmS = (value: number): string => `${value.toFixed(2)} mm/s`;
export const percent = (share: number): string => `${Math.round(100 * share)} %`;
