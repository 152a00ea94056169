/** CIs, relations, their history and their model. What depends on the tenant's model is added by `filterSdl.ts`. */
export const GRAPH_SDL = /* GraphQL */ `
"What a field counts for: \`of\` by itself, and each item of its list once more for all that is asked of it. Lists with an argument \`limit\` hold that many; others are taken to hold \`items\`."
directive @cost(of: Int! = 1, items: Int! = 1) on FIELD_DEFINITION

"ISO 8601, as 2026-03-31T08:00:00Z"
scalar DateTime
"A version of the graph: digits"
scalar Version
"Anything that JSON can say"
scalar JSON

"Questions about the CMDB. There are no mutations: changes are made over REST, where each has an author and a reason."
type Query {
  "One CI by its id or key; null where there is none"
  ci(is: String!): Ci
  "CIs that fit, in the order of their keys"
  cis(where: CiWhere, limit: Int! = 50, cursor: String): CiPage @cost(of: 2)
  "CIs found by words in Chinese and English, best first"
  search(text: String!, types: [CiType!], limit: Int! = 20, cursor: String): SearchPage @cost(of: 20)
  "What breaks when these fail, on top of what is not ok at present"
  impact(failed: [Failure!]!, affectedLimit: Int! = 100): Verdict @cost(of: 20)
  "What is broken at present"
  presentImpact(affectedLimit: Int! = 100): Verdict @cost(of: 20)
  "What would be if these failed, those were worked on and others worked again; nothing is kept"
  whatIf(fail: [Failure!]! = [], maintain: [String!]! = [], restore: [String!]! = [], affectedLimit: Int! = 100): WhatIf @cost(of: 40)
  "What would have broken then, all else being well"
  impactAsOf(at: String!, failed: [Failure!]!): Verdict @cost(of: 2000)
  "The single CIs whose loss would take this one down next, nearest first"
  nextLosses(ci: String!, failed: [Failure!]! = []): NextLosses @cost(of: 100)
  "Every CI whose loss alone takes a service down, worst first"
  singlePointsOfFailure(limit: Int! = 100): SinglePoints @cost(of: 2000)
  "Which failures explain these simultaneous alarms best"
  rootCauses(alarms: [Failure!]!, limit: Int! = 10): RootCauses @cost(of: 500)
  "A CI as it stood at a moment (a version as 17, or a time), and what stood within some steps of it"
  asOf(at: String!, ci: String!, depth: Int! = 1): PastPart @cost(of: 50)
  "What was created, changed and removed between two moments, CIs first"
  diff(from: String!, to: String, limit: Int! = 50, cursor: String): DifferencePage @cost(of: 50)
  "CI and relation types, as they stand or in an earlier version of the model"
  model(version: Int): Model
  "Version of the graph"
  version: Version
  "Pairs of CIs that seem to be one"
  duplicates(state: DuplicateState, limit: Int! = 50, cursor: String): DuplicatePage @cost(of: 2)
  "CIs that no source has seen since; the longest unseen first"
  staleCis(before: DateTime!, source: String, limit: Int! = 50, cursor: String): CiPage @cost(of: 50)
}

type Ci {
  id: ID!
  key: String!
  type: String!
  name: String!
  status: String!
  "Attributes by name; all, or those named"
  attributes(names: [String!]): JSON!
  "Sensitive attributes that are left out for want of cmdb:sensitive"
  redacted: [String!]!
  "Source of each attribute that differs from \`*\`, the source of all others"
  sources: JSON!
  "Version in which it last changed"
  version: Version!
  firstSeenAt: DateTime!
  lastSeenAt: DateTime!
  "How it is at present, by itself and by what it needs"
  health: CiHealth @cost(of: 1)
  relations(direction: Direction, types: [RelationType!], limit: Int! = 50, cursor: String): RelationPage @cost(of: 2)
  "What would fail with it (FAILURE), what it needs (NEED), or what is tied to it in any way (ANY), nearest first"
  reachable(direction: Reach! = FAILURE, types: [RelationType!], depth: Int! = 6, limit: Int! = 100): Reachable @cost(of: 20)
  "What breaks when it fails"
  impact(state: FailedState! = down, affectedLimit: Int! = 100): Verdict @cost(of: 20)
  nextLosses: NextLosses @cost(of: 100)
  "Changes of it and of its relations, newest first"
  history(limit: Int! = 20, cursor: String): ChangePage @cost(of: 5)
  "As it stood at a moment; null where it did not"
  asOf(at: String!): PastCi @cost(of: 5)
}

type CiPage { items: [Ci!]! nextCursor: String }

"A piece of a text with what was searched for, in UTF-16 offsets"
type Highlight { field: String! text: String! marks: [Mark!]! @cost(items: 3) }
type Mark { from: Int! to: Int! }
type Found { ci: Ci! rank: Float! highlights: [Highlight!]! @cost(items: 2) }
type SearchPage {
  items: [Found!]!
  nextCursor: String
  "5000 when there are more"
  total: Int!
  "What was searched for instead, when nothing had the words as written"
  correctedTo: String
}

enum CiState { ok degraded down }
enum FailedState { degraded down }
type CiHealth {
  state: CiState!
  "Whether it failed by itself; null where it did not"
  own: FailedState
  "Whether it is being worked on"
  planned: Boolean!
}

enum Direction { out in }
type Relation {
  id: ID!
  type: String!
  "out: this CI is its \`from\`"
  direction: Direction!
  "The CI at the other end"
  ci: Ci!
  redundancyGroup: String
  minUp: Int
  minUpPercent: Float
  weight: Int
  attributes: JSON!
  "Who told of it last with a difference"
  source: String
  "0 to 1"
  confidence: Float!
  firstSeenAt: DateTime!
  lastSeenAt: DateTime!
}
type RelationPage { items: [Relation!]! nextCursor: String }

enum Reach { FAILURE NEED ANY }
type Reached { ci: Ci! "Steps from where the question began" distance: Int! }
type Reachable {
  items: [Reached!]!
  "There is more than limit or depth let through"
  truncated: Boolean!
}

type Change {
  version: Version!
  seq: Int!
  kind: String!
  ciId: ID!
  otherId: ID
  before: JSON
  after: JSON
  author: String!
  reason: String
  source: String
  at: DateTime!
}
type ChangePage { items: [Change!]! nextCursor: String }
type PastCi { id: ID! key: String! type: String! name: String! status: String! attributes: JSON! redacted: [String!]! }
type PastRelation { fromId: ID! toId: ID! type: String! redundancyGroup: String minUp: Int attributes: JSON! }
type PastPart {
  version: Version!
  at: DateTime
  ci: PastCi!
  cis: [PastCi!]! @cost(items: 50)
  relations: [PastRelation!]! @cost(items: 50)
  truncated: Boolean!
}
type FieldDifference { field: String! before: JSON after: JSON }
type Difference {
  change: String!
  kind: String!
  ciId: ID!
  key: String!
  otherId: ID
  otherKey: String
  relationType: String
  before: JSON
  after: JSON
  fields: [FieldDifference!]! @cost(items: 5)
}
type DifferencePage { items: [Difference!]! nextCursor: String from: Version! to: Version! }

type Text { en: String! zh: String! }
type AttributeType { name: String! kind: String! description: Text! required: Boolean! unique: Boolean! sensitive: Boolean! unit: String values: [String!] refersTo: String }
type CiTypeInfo {
  name: String!
  parent: String
  abstract: Boolean!
  label: Text!
  "Itself, its parent, and so on"
  lineage: [String!]!
  "Its own and inherited ones"
  attributes: [AttributeType!]! @cost(items: 8)
}
type RelationTypeInfo { name: String! direction: String! meaning: Text! }
type Model { version: Int! ciTypes: [CiTypeInfo!]! @cost(items: 40) relationTypes: [RelationTypeInfo!]! @cost(items: 15) }

enum DuplicateState { open merged dismissed }
type Duplicate { id: ID! ciId: ID! key: String name: String otherId: ID! otherKey: String otherName: String evidence: String! state: DuplicateState! foundAt: DateTime! }
type DuplicatePage { items: [Duplicate!]! nextCursor: String }
`;
