import type { CmdbModel } from '../model/cmdbModel.ts';

/** When something was first and last told by a source; milliseconds since 1970. */
export interface Sighted {
  /** Left out where only the projection's needs were asked for. */
  readonly firstSeenAtMs?: number;
  readonly lastSeenAtMs?: number;
}

/** A CI as the dependency projection needs it. */
export interface GraphNode extends Sighted {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  /** Left out where only the projection's needs were asked for, like `attributes`. */
  readonly status?: string;
  /** Only of services and of those who can own one, unless the whole graph was asked for. */
  readonly attributes?: Readonly<Record<string, unknown>> | null;
}

/** A relation as the dependency projection needs it. */
export interface GraphEdge extends Sighted {
  readonly fromId: string;
  readonly type: string;
  readonly toId: string;
  readonly group: string | null;
  /** Weight of the group's members that must be up, which is their number where none is told one; null: one. */
  readonly minUp: number | null;
  /** Percentage of the group's weight that must be up, to the hundredth. Of several demands the largest counts. */
  readonly minUpPercent?: number | null;
  /** What the member counts for in its group: a whole number from 1 to 10,000; 1 by default. */
  readonly weight?: number | null;
  /** Of OWNED_BY: accountable or deputy. */
  readonly role: string | null;
  /** Who told of it last with a difference. Left out like `firstSeenAtMs`. */
  readonly source?: string | null;
  /** How sure the source is, 0 to 1; 1 where it is left out. */
  readonly confidence?: number;
}

/** One change of the graph, as the projection follows it. */
export type GraphStep =
  | { readonly kind: 'ci'; readonly id: string; readonly after: GraphNode | null }
  | { readonly kind: 'relation'; readonly before: GraphEdge | null; readonly after: GraphEdge | null };

/** When a source saw what it tells, if not at the time of the change. The range that is kept only ever grows. */
export interface Seen {
  readonly firstSeenAt?: Date;
  readonly lastSeenAt?: Date;
}

/** The wanted state of a CI. What is left out stays as it is, or gets its default when the CI is new. */
export interface CiPut extends Seen {
  readonly key: string;
  readonly type: string;
  readonly name?: string;
  readonly status?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface RelationEnds {
  /** Keys of CIs. */
  readonly from: string;
  readonly type: string;
  readonly to: string;
}

/** The wanted state of a relation, which is known by its ends and type. */
export interface RelationPut extends RelationEnds, Seen {
  /** null: what the relation's type says, mostly none. Empty: none in any case. */
  readonly group: string | null;
  readonly minUp: number | null;
  /** Both as of `GraphEdge`. */
  readonly minUpPercent?: number | null;
  readonly weight?: number | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Who tells of this relation; the source of the whole change when left out. */
  readonly source?: string;
  /** 0 to 1. What is left out stays as it is, and is 1 when the relation is new. */
  readonly confidence?: number;
}

/** A change of the graph: all of it or nothing. Removals come first, then CIs, then relations. */
export interface GraphChanges {
  readonly cis?: readonly CiPut[];
  readonly relations?: readonly RelationPut[];
  readonly removeRelations?: readonly RelationEnds[];
  /** Keys; a CI takes its relations with it. */
  readonly removeCis?: readonly string[];
  /** `merge` keeps attributes that are not named, `replace` drops them. */
  readonly attributes: 'merge' | 'replace';
}

/** Who changes the graph, and why. */
export interface ChangeOrigin {
  readonly author: string;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
}

export interface ChangeCounts {
  created: number;
  changed: number;
  unchanged: number;
  removed: number;
}

export interface ApplyReport {
  /** Version after the change; the one before it when nothing changed. */
  readonly version: bigint;
  readonly cis: ChangeCounts;
  readonly relations: ChangeCounts;
}

export interface HistoryEntry {
  readonly version: bigint;
  readonly seq: number;
  readonly kind: 'ci' | 'relation';
  readonly ciId: string;
  /** The other end of a relation. */
  readonly otherId: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly author: string;
  readonly reason: string | null;
  readonly source: string | null;
  readonly at: Date;
}

/** Takes a graph as it is read: nodes before their edges. Reading waits for a promise that it gives. */
export interface GraphSink {
  nodes(batch: readonly GraphNode[]): void | Promise<void>;
  edges(batch: readonly GraphEdge[]): void | Promise<void>;
}

/** How much of each CI is read: what the projection needs, or everything. */
export type LoadDepth = 'projection' | 'whole';

/**
 * The dependency graph of each tenant, versioned: every committed change raises the version by one. What is told again
 * as it stands is no change; it has been seen, and that raises the version too when it was last seen long ago.
 * Leaves out: searching, paging through CIs, and impact, which is computed on a projection of what `load` gives.
 */
export interface AssetGraph {
  /** The tenant's CI and relation types as they stand. */
  model(tenantId: string): Promise<CmdbModel>;
  /** The version, 0 for a graph that was never changed. */
  version(tenantId: string): Promise<bigint>;
  /** Reads one consistent version into what `begin` returns; begins again when a change comes in between. */
  load<Sink extends GraphSink>(
    tenantId: string,
    begin: (version: bigint, model: CmdbModel) => Sink,
    depth?: LoadDepth,
  ): Promise<{ version: bigint; sink: Sink }>;
  /** What changed after a version, in order; null when there is so much of it that loading is cheaper, or when
   * the model changed. */
  changesSince(tenantId: string, version: bigint): Promise<{ version: bigint; steps: GraphStep[] } | null>;
  /** @throws {FaultlineError} CMDB_…: nothing has changed then */
  apply(tenantId: string, changes: GraphChanges, origin: ChangeOrigin): Promise<ApplyReport>;
  /** Changes of a CI and of its relations, newest first, before a given place. */
  history(
    tenantId: string,
    ciId: string,
    page: { limit: number; before?: { version: bigint; seq: number } | undefined },
  ): Promise<HistoryEntry[]>;
}
