/**
 * Which end of a relation suffers when the other fails.
 * `to-fails`: `from` needs `to`. `from-fails`: `to` needs `from`. `none`: a fact, not a dependency.
 */
export type ImpactDirection = 'to-fails' | 'from-fails' | 'none';

export interface RelationType {
  readonly name: string;
  readonly direction: ImpactDirection;
  readonly meaning: string;
  /** Ends between which the relation carries another direction than usual. */
  readonly between?: readonly { readonly toType: string; readonly direction: ImpactDirection }[];
}

/** The starting relation types. One row is all that a new type needs. */
export const RELATION_TYPES: readonly RelationType[] = [
  { name: 'DEPENDS_ON', direction: 'to-fails', meaning: 'from cannot work without to' },
  { name: 'PART_OF', direction: 'from-fails', meaning: 'from is built into to' },
  { name: 'FEEDS', direction: 'from-fails', meaning: 'from supplies to with material, air, water or current' },
  { name: 'POWERS', direction: 'from-fails', meaning: 'from supplies to with electricity' },
  { name: 'RUNS_ON', direction: 'to-fails', meaning: 'from is software or a machine hosted by to' },
  { name: 'CONNECTED_TO', direction: 'to-fails', meaning: 'from reaches the rest through to' },
  { name: 'MONITORS', direction: 'none', meaning: 'from is a sensor or measuring point that watches to' },
  {
    name: 'LOCATED_IN',
    direction: 'none',
    meaning: 'from stands in to',
    // A rack is more than a place: what is mounted in it lives on its power and cooling.
    between: [{ toType: 'rack', direction: 'to-fails' }],
  },
  { name: 'OWNED_BY', direction: 'none', meaning: 'to answers for from; attribute role: accountable or deputy' },
  { name: 'SUPPLIED_BY', direction: 'none', meaning: 'to delivered from' },
  { name: 'SUPPORTED_BY', direction: 'none', meaning: 'to is called when from fails' },
  { name: 'RELATED_TO', direction: 'none', meaning: 'imported under a name that has no meaning here' },
];

const byName = new Map(RELATION_TYPES.map((type) => [type.name, type]));

/** The row of a relation type, or undefined for a name that is not in the table. */
export function relationType(name: string): RelationType | undefined {
  return byName.get(name);
}

/** Direction of impact of one relation, from its type and the type of the CI it points to. */
export function directionOf(type: string, toType: string): ImpactDirection {
  const row = byName.get(type);
  if (row === undefined) return 'none';
  return row.between?.find((exception) => exception.toType === toType)?.direction ?? row.direction;
}

/** Whether relations to CIs of this type may carry another direction than usual. */
export function turnsDirection(ciType: string): boolean {
  return RELATION_TYPES.some((type) => type.between?.some((exception) => exception.toType === ciType));
}
