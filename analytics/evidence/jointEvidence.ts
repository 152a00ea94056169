import type { Joint, JointPart } from '../detectors/joint/joint.ts';
import type { Company } from '../worker/companions.ts';
import type { Bilingual } from './bilingual.ts';
import type { EvidenceCard } from './card.ts';
import { featureWords } from './featureWords.ts';
import type { Judged } from './judged.ts';

/** Contributions below this say nothing to a person. */
const LEAST_SHOWN = 0.01;

const STATISTIC_WORDS: Readonly<Record<Joint['statistic'], Bilingual>> = {
  T2: { en: 'they left their usual range together', zh: '共同超出常态范围' },
  Q: { en: 'they no longer move together as they used to', zh: '彼此间的常态关系被打破' },
  CUSUM: { en: 'a small shift that lasts', zh: '持续的小幅偏移' },
};

/** What several values said together, with the contributions under names that people know; null where they did not speak. */
export function jointEvidence({
  verdict,
  pointKey,
  company,
}: Pick<Judged, 'verdict' | 'pointKey' | 'company'>): EvidenceCard['joint'] {
  const { joint } = verdict;
  if (!joint?.alarm) return null;
  const { statistic, share, standing, parts } = joint;
  const contributions = parts
    .filter((part) => part.share >= LEAST_SHOWN)
    .map((part) => ({ ...named(part, pointKey, company?.members ?? {}), share: part.share, z: part.z }));
  return { statistic, share, standing, contributions };
}

/** A value is another point's reading, this point's own, or a feature of its blocks. */
function named({ name }: JointPart, pointKey: string, members: Company['members']) {
  const other = members[name];
  const member = other ?? members[pointKey];
  return {
    name: member ? { en: member.pointName, zh: member.pointName } : featureWords(name),
    pointKey: other ? name : pointKey,
  };
}

/** The contributions in one sentence, the three greatest by name. */
export function jointWords(joint: NonNullable<EvidenceCard['joint']>): Bilingual {
  const most = joint.contributions.slice(0, 3);
  const said = (language: 'en' | 'zh') =>
    most.map(({ name, share }) => `${name[language]} ${Math.round(100 * share)} %`);
  const why = STATISTIC_WORDS[joint.statistic];
  return {
    en: `${why.en}, contributions: ${said('en').join(', ')}`,
    zh: `${why.zh}，贡献：${said('zh').join('、')}`,
  };
}
