/** What breaks, who cares, how bad: the same answers as over REST. */
export const IMPACT_SDL = /* GraphQL */ `
"A CI, by id or key, that fails"
input Failure {
  ci: String!
  state: FailedState! = down
  "When it failed; counts for what SLAs allow yet"
  since: DateTime
}

type Step { ciId: String! key: String! name: String! type: String! state: FailedState! }
type Life { p10Hours: Float! p50Hours: Float! p90Hours: Float! method: String! at: DateTime! }
type FailedCi { ciId: String! key: String! name: String! type: String! state: FailedState! planned: Boolean! remainingLife: Life }
type Owner { ciId: String! name: String! email: String phone: String locale: String! role: String! }
type Redundancy { ciId: String! ciName: String! group: String! up: Float! members: Int! minUp: Float! weight: GroupWeight }
type GroupWeight { up: Float! all: Float! }
type AffectedService {
  ciId: String!
  key: String!
  name: String!
  state: FailedState!
  criticality: Float!
  costPerHour: Float!
  users: Float!
  planned: Boolean!
  slaMinutesLeft: Float
  owners: [Owner!]! @cost(items: 3)
  "From a failed CI to the service"
  causeChain: [Step!]! @cost(items: 6)
  redundancyLeft: String
  redundancy: Redundancy
  "Why the chain may no longer be true"
  uncertainty: String
}
type AffectedCi { ciId: String! key: String! name: String! type: String! state: FailedState! owners: [Owner!]! @cost(items: 2) }
type Sla { ciId: String! key: String! name: String! minutesLeft: Float! }
type NearestEnd { ciId: String! name: String! p10Hours: Float! p50Hours: Float! p90Hours: Float! method: String! at: DateTime! }
type HowBad {
  servicesDown: Int!
  servicesDegraded: Int!
  costPerHour: Float!
  users: Float!
  costPerHourAtRisk: Float!
  usersAtRisk: Float!
  sla: Sla
  nearestEnd: NearestEnd
}
type Withheld { services: Int! affected: Int! owners: Int! }
type Verdict {
  graphVersion: Version!
  healthVersion: String!
  failed: [FailedCi!]! @cost(items: 10)
  howBad: HowBad!
  "CIs that are worse off, the failed ones not counted"
  affectedCount: Int!
  services: [AffectedService!]! @cost(items: 20)
  "The nearest affected CIs of every type, affectedLimit at most"
  affected: [AffectedCi!]! @cost(items: 20)
  "How many are left out for want of cmdb:restricted"
  withheld: Withheld!
}
type Loss { servicesDown: Int! servicesDegraded: Int! costPerHour: Float! users: Float! costPerHourAtRisk: Float! usersAtRisk: Float! }
type ServiceChange { ciId: String! key: String! name: String! criticality: Float! before: CiState! after: CiState! }
type WhatIfDifference { services: [ServiceChange!]! @cost(items: 20) before: Loss! after: Loss! withheld: Int! }
type WhatIf { verdict: Verdict! difference: WhatIfDifference! }

type SingleLoss { ciId: String! key: String! name: String! type: String! distance: Int! remainingLife: Life }
type NextLosses { graphVersion: Version! healthVersion: String! alreadyDown: Boolean! losses: [SingleLoss!]! @cost(items: 20) }
type SinglePoint { ciId: String! key: String! name: String! type: String! servicesDown: Int! criticality: Float! costPerHour: Float! users: Float! }
type SinglePoints {
  graphVersion: Version!
  healthVersion: String!
  "Candidates tried, of all"
  done: Int!
  total: Int!
  "null while the search goes on: ask again"
  points: [SinglePoint!] @cost(items: 20)
}
type Card { ciId: String! key: String! name: String! type: String! }
type RootCause {
  ciId: String!
  key: String!
  name: String!
  type: String!
  score: Float!
  explains: [Card!]! @cost(items: 5)
  silent: Int!
  distance: Int!
}
type RootCauses {
  graphVersion: Version!
  "Best first"
  causes: [RootCause!]! @cost(items: 10)
  "The fewest that explain all of the alarms"
  together: [RootCause!]! @cost(items: 3)
}
`;
