import { z } from 'zod';
import {
  type CiRow,
  checkedConfidence,
  checkedKey,
  checkedMinUp,
  checkedPercent,
  checkedTime,
  checkedWeight,
  lineError,
  type Place,
  type RelationRow,
} from './rows.ts';

const attributes = z.record(z.string(), z.unknown()).default({});
const seen = { firstSeenAt: z.string().optional(), lastSeenAt: z.string().optional() };

const ciItem = z.strictObject({
  key: z.string(),
  type: z.string().min(1),
  name: z.string().min(1).optional(),
  status: z.string().min(1).optional(),
  attributes,
  ...seen,
});
const relationItem = z.strictObject({
  from: z.string(),
  type: z.string().min(1),
  to: z.string(),
  redundancy_group: z.string().min(1).nullish(),
  min_up: z.number().nullish(),
  min_up_percent: z.number().nullish(),
  weight: z.number().nullish(),
  attributes,
  source: z.string().min(1).optional(),
  confidence: z.number().optional(),
  ...seen,
});

/** The lists of our own shape, in a request or in a file. */
export interface OwnDocument {
  readonly cis?: readonly unknown[] | undefined;
  readonly relations?: readonly unknown[] | undefined;
}

/**
 * Reads the lists of our own shape item by item.
 * @param file  what messages call the document; empty for the request itself, whose lists they call `cis`, `relations`
 * @throws {FaultlineError} CMDB_IMPORT_LINE
 */
export function documentRows(
  file: string,
  { cis, relations }: OwnDocument,
): { cis: CiRow[]; relations: RelationRow[] } {
  const place = (list: string) => (file === '' ? list : `${file} ${list}`);
  return {
    cis: items(place('cis'), cis, ciItem).map(ciRow),
    relations: items(place('relations'), relations, relationItem).map(relationRow),
  };
}

function ciRow({ name, status, firstSeenAt, lastSeenAt, ...ci }: Place & z.output<typeof ciItem>): CiRow {
  return {
    ...ci,
    key: checkedKey(ci, 'key', ci.key),
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...times(ci, firstSeenAt, lastSeenAt),
  };
}

function relationRow(item: Place & z.output<typeof relationItem>): RelationRow {
  const { redundancy_group: group, min_up: minUp, min_up_percent: percent, weight, ...told } = item;
  const { source, confidence, firstSeenAt, lastSeenAt, ...rest } = told;
  for (const [name, value] of Object.entries({ min_up: minUp, min_up_percent: percent, weight })) {
    if (value == null || group != null) continue;
    throw lineError(item, 'redundancy_group', `is missing though ${name} is set; name the group.`);
  }
  return {
    ...rest,
    from: checkedKey(item, 'from', item.from),
    to: checkedKey(item, 'to', item.to),
    // Left out, the group is the usual one of the relation's type; null says that there is none.
    ...(group === undefined ? {} : { group: group ?? '' }),
    ...(minUp == null ? {} : { minUp: checkedMinUp(item, 'min_up', minUp) }),
    ...(percent == null ? {} : { minUpPercent: checkedPercent(item, 'min_up_percent', percent) }),
    ...(weight == null ? {} : { weight: checkedWeight(item, 'weight', weight) }),
    ...(source === undefined ? {} : { source }),
    ...(confidence === undefined ? {} : { confidence: checkedConfidence(item, 'confidence', confidence) }),
    ...times(item, firstSeenAt, lastSeenAt),
  };
}

function times(place: Place, first: string | undefined, last: string | undefined) {
  return {
    ...(first === undefined ? {} : { firstSeenAt: checkedTime(place, 'firstSeenAt', first) }),
    ...(last === undefined ? {} : { lastSeenAt: checkedTime(place, 'lastSeenAt', last) }),
  };
}

function items<T>(file: string, list: readonly unknown[] | undefined, schema: z.ZodType<T>) {
  return (list ?? []).map((item, index) => {
    const place = { file, line: index + 1 };
    const checked = schema.safeParse(item);
    if (checked.success) return { ...place, ...checked.data };
    const issue = checked.error.issues[0]!;
    throw lineError(place, issue.path.join('.') || 'item', `${issue.message}.`);
  });
}
