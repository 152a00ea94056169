import { z } from 'zod';
import { ciRows, contactRows, relationRows } from './csv.ts';
import { checkedKey, checkedMinUp, type ImportRows, lineError } from './rows.ts';

const attributes = z.record(z.string(), z.unknown()).default({});
const text = (what: string) => z.string().optional().describe(what);

/** CSV texts, or lists, or both; the lists are checked item by item so that an error names its place. */
export const importBody = z.object({
  nodes: text('CSV with a header: id, type, name, status; other columns become attributes'),
  edges: text('CSV with a header: from, type, to, redundancy_group, min_up'),
  contacts: text('CSV with a header: contact, email, object, priority'),
  cis: z.array(z.unknown()).optional().describe('{key, type, name?, status?, attributes?}'),
  relations: z
    .array(z.unknown())
    .optional()
    .describe('{from, type, to, redundancy_group?, min_up?, attributes?}; from and to are keys'),
  source: z.string().max(200).optional().describe('where the data come from, kept in the history'),
  reason: z.string().max(500).optional(),
});

const ciItem = z.strictObject({
  key: z.string(),
  type: z.string().min(1),
  name: z.string().min(1).optional(),
  status: z.string().min(1).optional(),
  attributes,
});
const relationItem = z.strictObject({
  from: z.string(),
  type: z.string().min(1),
  to: z.string(),
  redundancy_group: z.string().min(1).nullish(),
  min_up: z.number().nullish(),
  attributes,
});

/** Reads what was sent. @throws {FaultlineError} CMDB_IMPORT_LINE */
export function readBody(body: z.output<typeof importBody>): ImportRows {
  const cis = items('cis', body.cis, ciItem).map(({ name, status, ...ci }) => ({
    ...ci,
    key: checkedKey(ci, 'key', ci.key),
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
  }));
  const relations = items('relations', body.relations, relationItem).map((item) => {
    const { redundancy_group: group, min_up: minUp, ...rest } = item;
    if (minUp != null && group == null) {
      throw lineError(item, 'redundancy_group', 'is missing though min_up is set; name the group.');
    }
    return {
      ...rest,
      from: checkedKey(item, 'from', item.from),
      to: checkedKey(item, 'to', item.to),
      ...(group == null ? {} : { group }),
      ...(minUp == null ? {} : { minUp: checkedMinUp(item, 'min_up', minUp) }),
    };
  });
  return {
    cis: [...ciRows('nodes', body.nodes ?? ''), ...cis],
    relations: [...relationRows('edges', body.edges ?? ''), ...relations],
    contacts: contactRows('contacts', body.contacts ?? ''),
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
