import type { Plan } from 'neo4j-driver';

/** Operators that only read the graph. @see https://neo4j.com/docs/cypher-manual/5/planning-and-tuning/operators/ */
const READING = new Set(
  `Aggregation AllNodesScan Anti AntiConditionalApply AntiSemiApply Apply Argument ArgumentTracker AssertSameNode
  AssertSameRelationship BFSPruningVarExpand CacheProperties CartesianProduct ConditionalApply Distinct Eager
  EagerAggregation EmptyResult EmptyRow ErrorPlan ExhaustiveLimit Expand Filter IntersectionNodeByLabelsScan
  LeftOuterHashJoin LetAntiSemiApply LetSelectOrAntiSemiApply LetSelectOrSemiApply LetSemiApply Limit MultiNodeIndexSeek
  NodeByElementIdSeek NodeByIdSeek NodeByLabelScan NodeCountFromCountStore NodeHashJoin NodeIndexContainsScan
  NodeIndexEndsWithScan NodeIndexScan NodeIndexSeek NodeIndexSeekByRange NodeUniqueIndexSeek
  NodeUniqueIndexSeekByRange NonFuseable NonPipelined NullifyMetadata Optional OptionalExpand OrderedAggregation
  OrderedDistinct OrderedUnion PartialSort PartialTop PathPropagatingBFS PreserveOrder ProduceResults ProjectEndpoints
  Projection PruningVarExpand RelationshipCountFromCountStore Repeat RightOuterHashJoin RollUpApply
  SelectOrAntiSemiApply SelectOrSemiApply SemiApply ShortestPath Skip Sort StatefulShortestPath
  SubtractionNodeByLabelsScan Top Top1WithTies Trail TriadicBuild TriadicFilter TriadicSelection Union
  UnionNodeByLabelsScan Unwind ValueHashJoin VarLengthExpand`.split(/\s+/),
);
const RELATIONSHIP_READING =
  /^(Un)?[Dd]irected(All|Union)?Relationships?(Type|Types|Index|ByElementId|ById|UniqueIndex)?(Contains|EndsWith)?(Scan|Seek|SeekByRange)$/;

/** The operators of a plan that are not known to read the graph and nothing else. */
export function otherOperators(plan: Plan): string[] {
  // `Expand(All)@neo4j`: the way in which it works, and where.
  const name = plan.operatorType.replace(/@[\w.-]+$/, '').replace(/\(.*\)$/s, '');
  const reads = READING.has(name) || RELATIONSHIP_READING.test(name);
  return [...new Set([...(reads ? [] : [name]), ...plan.children.flatMap(otherOperators)])];
}
