/** A CI as the dependency projection needs it. */
export interface GraphNode {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  /** Only of services and of those who can own one; others may leave it out. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A relation as the dependency projection needs it. */
export interface GraphEdge {
  readonly fromId: string;
  readonly type: string;
  readonly toId: string;
  readonly group: string | null;
  /** Members of the group that must be up; null: one. */
  readonly minUp: number | null;
  /** Of OWNED_BY: accountable or deputy. */
  readonly role: string | null;
}

/** One change of the graph, as the projection follows it. */
export type GraphStep =
  | { readonly kind: 'ci'; readonly id: string; readonly after: GraphNode | null }
  | { readonly kind: 'relation'; readonly before: GraphEdge | null; readonly after: GraphEdge | null };
