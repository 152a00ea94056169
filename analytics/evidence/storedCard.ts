import type { EvidenceCard } from './card.ts';
import { asWritten } from './findings/say.ts';

/** A card of the first version: reasons were English sentences, and the oldest kept no note on the severity. */
type FirstCard = Omit<EvidenceCard, 'version' | 'rejected' | 'cannotTell' | 'severityNote'> & {
  readonly version: 1;
  readonly rejected: readonly { readonly fault: EvidenceCard['fault']; readonly reason: string }[];
  readonly cannotTell: string | null;
  readonly severityNote?: string | null;
};
export type StoredCard = EvidenceCard | FirstCard;

/** A card of any version as cards are today. What was only ever said in English stays readable, in English. */
export function currentCard(stored: StoredCard): EvidenceCard {
  if (stored.version === 2) return stored;
  const { rejected, cannotTell, severityNote, ...same } = stored;
  const worded = (text: string | null | undefined) => (text == null ? null : asWritten(text));
  return {
    ...same,
    version: 2,
    rejected: rejected.map(({ fault, reason }) => ({ fault, reason: asWritten(reason) })),
    cannotTell: worded(cannotTell),
    severityNote: worded(severityNote),
  };
}
