import type { Tx } from '../../platform/index.ts';

/** Which CI an alert is about, or why none was found. */
export type Match = { readonly ciId: string; readonly label: string } | { readonly ciId: null; readonly why: string };

type Labels = Readonly<Record<string, string>>;

/**
 * Finds the CIs that alerts name, with one query for all of them.
 *
 * A label's value is tried as it is, without port or path of a URL, and as the first part of a host name; a CI's key counts
 * before its name, and a name only where one CI alone has it. The key of a CI that was merged means the one that was kept.
 *
 * @param ciLabels labels that may name the CI, the best first
 * @returns one match for each set of labels, in their order
 */
export async function matchCis(tx: Tx, alerts: readonly Labels[], ciLabels: readonly string[]): Promise<Match[]> {
  const wanted = new Set(alerts.flatMap((labels) => ciLabels.flatMap((label) => spellings(labels[label]))));
  const { rows } = await tx.query<{ id: string; key: string; name: string | null }>(
    `select ci_id as id, key, null as name from cmdb_merged_key where tenant_id = $1 and key = any ($2::text[])
     union all
     (select id, key, lower(name) as name from cmdb_ci where tenant_id = $1 and key = any ($2::text[])
      union
      select id, key, lower(name) as name from cmdb_ci where tenant_id = $1 and lower(name) = any ($3::text[]))`,
    [tx.tenantId, [...wanted], [...wanted].map((name) => name.toLowerCase())],
  );
  // A CI that has a key now counts before the one that took over from a former of that key.
  const byKey = new Map<string, string>();
  for (const { key, id, name } of rows) if (name !== null || !byKey.has(key)) byKey.set(key, id);
  const byName = new Map<string, string[]>();
  for (const { name, id } of rows) if (name !== null) byName.set(name, [...(byName.get(name) ?? []), id]);
  return alerts.map((labels) => matchOne(labels, ciLabels, byKey, byName));
}

function matchOne(
  labels: Labels,
  ciLabels: readonly string[],
  byKey: ReadonlyMap<string, string>,
  byName: ReadonlyMap<string, readonly string[]>,
): Match {
  const given = ciLabels.filter((label) => labels[label]);
  if (given.length === 0) return { ciId: null, why: `it has none of the labels ${ciLabels.join(', ')}` };
  const several: string[] = [];
  for (const label of given) {
    for (const spelling of spellings(labels[label])) {
      const key = byKey.get(spelling);
      if (key) return { ciId: key, label };
      const named = byName.get(spelling.toLowerCase()) ?? [];
      if (named.length === 1) return { ciId: named[0]!, label };
      if (named.length > 1) several.push(`${named.length} CIs are named ${spelling}`);
    }
  }
  const tried = given.map((label) => `${label}=${labels[label]}`).join(', ');
  return { ciId: null, why: several[0] ?? `no CI has the key or name that it gives: ${tried}` };
}

/** The ways in which a label's value may be a CI's key or name. */
export function spellings(value: string | undefined): string[] {
  if (!value) return [];
  const host = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/, '');
  const portless = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const isAddress = /^[\d.]+$/.test(portless) || portless.includes(':');
  return [...new Set([value, host, portless, ...(isAddress ? [] : [portless.split('.')[0]!])])].filter(Boolean);
}
