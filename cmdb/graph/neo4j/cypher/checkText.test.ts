import { expect, test } from 'vitest';
import { checkedText } from './checkText.ts';

test.for([
  ["MATCH (n:CI {key: 'a'})-[:DEPENDS_ON*1..6]->(m) RETURN m.key", undefined],
  ['MATCH (n) // all of them\nRETURN /* only */ count(n);', 'MATCH (n) RETURN count(n)'],
  ["MATCH (n) WHERE n.name = 'LOAD CSV; CALL // x' RETURN n", undefined],
  ['MATCH (n:CI) CALL (n) { MATCH (n)-->(m) RETURN count(m) AS c } RETURN c', undefined],
  ["RETURN date.truncate('day', datetime()) AS d, point({x: 1, y: 2})", undefined],
  ['MATCH (n) RETURN n.`csv`, n.`call`, n.load', undefined],
  ['MATCH (设备:CI) WHERE 设备.name STARTS WITH $名 RETURN 设备', undefined],
  ["RETURN 1 < -1, 'it\\'s', \"a\\\\\", 2 - -1", undefined],
] as const)('sends what only reads, without its comments: %s', ([query, sent]) => {
  expect(checkedText(query)).toBe(sent ?? query);
});

test.for([
  ["LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", 'CSV is not allowed'],
  ["RETURN [x IN [1] | COLLECT { LOAD/**/csv FROM 'http://x' AS l RETURN l }]", 'CSV is not allowed'],
  ["L\\u004fAD CSV FROM 'x' AS l RETURN l", 'backslash'],
  ["RETURN '\\u0027 + LOAD'", 'escape'],
  ['CALL db.labels()', 'CALL is not allowed'],
  ['RETURN [x IN [1] | COUNT { CALL\ndb.labels() YIELD label }]', 'CALL is not allowed'],
  ['MATCH (n) CALL (n) { MATCH (m) RETURN m } IN TRANSACTIONS RETURN m', 'TRANSACTIONS is not allowed'],
  ["RETURN apoc.cypher.runFirstColumnSingle('x', {})", 'apoc.cypher.runFirstColumnSingle'],
  ["RETURN `apoc` . /* */ `cypher`.`run`('x')", 'apoc.cypher.run'],
  ['MATCH (n) RETURN n; MATCH (m) DELETE m', 'more than one statement'],
  ['EXPLAIN MATCH (n) RETURN n', 'EXPLAIN'],
  ['/* */ profile MATCH (n) RETURN n', 'PROFILE'],
  ['CYPHER 5 MATCH (n) RETURN n', 'CYPHER'],
  ['USING PERIODIC COMMIT MATCH (n) RETURN n', 'USING'],
  ['USE system MATCH (n) RETURN n', 'USE is not allowed'],
  ['MATCH (n) RETURN n\u180eLIMIT 1', 'unusual space'],
  ['MATCH\u00a0(n) RETURN n', 'unusual space'],
  ['MATCH (n) RETURN n /* ', 'not closed'],
  ["MATCH (n) RETURN 'a", 'not closed'],
  ['MATCH (n) RETURN `a\\u0060`', 'escape'],
  [' // nothing', 'empty'],
] as const)('refuses %j', ([query, why]) => {
  expect(() => checkedText(query)).toThrow(why);
});
