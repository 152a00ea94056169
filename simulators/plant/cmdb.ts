/** One configuration item as `POST /api/v1/cmdb/import` takes it. */
export interface CiImport {
  key: string;
  type: string;
  name: string;
  status: 'active';
  attributes: Record<string, unknown>;
}

/** One relation as the import takes it; both ends by key. */
export interface RelationImport {
  from: string;
  type: string;
  to: string;
  redundancy_group?: string;
  min_up?: number;
  attributes?: Record<string, unknown>;
}

export interface CmdbImport {
  cis: CiImport[];
  relations: RelationImport[];
}

/** Members of which so many must be up for what they serve to stay up. */
export interface Redundancy {
  group: string;
  minUp: number;
}

/** Collects a CMDB in the order of writing. */
export class CmdbWriter {
  readonly cis: CiImport[] = [];
  readonly relations: RelationImport[] = [];

  ci(key: string, type: string, name: string, attributes: Record<string, unknown> = {}): void {
    this.cis.push({ key, type, name, status: 'active', attributes });
  }

  relate(from: string, type: string, to: string, redundancy?: Redundancy): void {
    const grouped = redundancy ? { redundancy_group: redundancy.group, min_up: redundancy.minUp } : {};
    this.relations.push({ from, type, to, ...grouped });
  }

  own(owned: string, person: string, role: 'accountable' | 'deputy'): void {
    this.relations.push({ from: owned, type: 'OWNED_BY', to: person, attributes: { role } });
  }
}
