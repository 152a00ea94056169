import type { JointValue } from '../detectors/joint/joint.ts';
import { MOST_VALUES } from '../detectors/joint/jointMemory.ts';
import type { EvidenceGroup } from '../detectors/state.ts';
import type { PointFacts } from '../facts/machineFacts.ts';

/** What a plain reading last said, and of what: enough to be one value of a row, and to be named on a card. */
export interface Member {
  z: number;
  group: EvidenceGroup;
  unit: string;
  /** Whether it has spoken since the last row. */
  fresh: boolean;
  pointId: string;
  pointName: string;
  assetId: string;
  assetName: string;
}

/** The plain readings of one machine that one device sends, by point key. Plain and bounded. */
export interface Company {
  members: Record<string, Member>;
  /** Readings since the last row. */
  turns: number;
}

/** Readings a member without one of which the row is given up and made without those that said nothing meanwhile. */
const MOST_TURNS = 256;

export function newCompany(): Company {
  return { members: {}, turns: 0 };
}

/**
 * What the others say, for the reading that rows are judged by: that of the first member by key, and only when each of the
 * others has said something since the last row. All values of a row are then of about the same time, whatever the rates.
 *
 * @returns null for all other readings. O(members)
 */
export function companionsOf({ members }: Company, pointKey: string): JointValue[] | null {
  if (!members[pointKey]) return null;
  const others = Object.keys(members)
    .filter((key) => key !== pointKey)
    .sort();
  if (others.length === 0 || others[0]! < pointKey || !others.every((key) => members[key]!.fresh)) return null;
  return others.map((name) => ({ name, group: members[name]!.group, z: members[name]!.z }));
}

/** Begins the next row. */
export function rowWasJudged(company: Company): void {
  company.turns = 0;
  for (const member of Object.values(company.members)) member.fresh = false;
}

/** Remembers what a reading said that could be compared with its own past. */
export function noteMember(
  company: Company,
  pointKey: string,
  { assetId, assetName, pointId, pointName }: PointFacts,
  said: { readonly z: number; readonly group: EvidenceGroup; readonly unit: string },
): void {
  const { members } = company;
  if (!members[pointKey] && Object.keys(members).length >= MOST_VALUES) return;
  const z = Math.round(said.z * 1000) / 1000;
  const name = pointName ?? pointKey.slice(pointKey.indexOf('/') + 1);
  members[pointKey] = { ...said, z, fresh: true, pointId, pointName: name, assetId, assetName };
  company.turns += 1;
  if (company.turns <= MOST_TURNS * Object.keys(members).length) return;
  company.turns = 0;
  for (const [key, member] of Object.entries(members)) if (!member.fresh) delete members[key];
}
