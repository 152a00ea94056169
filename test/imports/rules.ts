import type { IFlattenedRuleSet } from 'dependency-cruiser';

/** What each part may import, besides itself: the one-way flow of the house. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  ingest: ['platform'],
  cmdb: ['platform'],
  notify: ['platform'],
  analytics: ['platform', 'ingest'],
  ticketing: ['platform', 'analytics', 'cmdb', 'notify'],
  simulators: ['platform'],
  console: ['platform'],
};
export const PARTS = Object.keys(MAY_IMPORT);

/** The modules a part is entered by, besides its index. */
const SIDE_ENTRIES: Readonly<Record<string, readonly string[]>> = {
  platform: ['pure'],
};
/** What `platform/pure.ts` may reach: it is loaded where the platform's packages must not be. */
const PURE = '^platform/(pure\\.ts$|ids\\.ts$|clock/|errors/)';

/** The only folders that may touch a driver: everyone else goes through the port that its adapter serves. */
const DRIVERS: Readonly<Record<string, string>> = {
  '^(pg|pg-.*)$': '^(platform/(backup|db|jobs)/|test/)',
  '^(bullmq|ioredis)$': '^(platform/jobs/|test/)',
  '^(aedes|aedes-.*)$': '^(ingest/|test/)',
  '^ws$': '^(ingest/(front/listeners|broker/remote|routes)/|platform/http/|test/)|\\.test\\.ts$',
  '^onnxruntime-node$': '^(analytics/models/|test/)',
  '^graphql$': '^(cmdb/asking/|test/)',
  '^neo4j-driver$': '^(cmdb/graph/neo4j/|test/)',
  '^nodemailer$': '^(notify/|test/)',
  '^undici$': '^(notify/|ingest/store/influx/|test/)',
  '^@aws-sdk$': '^(ingest/store/s3/|test/)',
  '^@node-rs/argon2$': '^platform/auth/',
  '^@echogarden/pffft-wasm$': '^(analytics/dsp/|test/)',
  '^fft-js$': '\\.test\\.ts$|^test/',
};

const TESTS = '\\.(test|fixture)\\.ts$|^test/';

export const RULES: IFlattenedRuleSet = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...PARTS.map((part) => ({
      name: `one-way-from-${part}`,
      comment: `${part} may import ${['itself', ...MAY_IMPORT[part]!].join(', ')} only`,
      severity: 'error' as const,
      from: { path: `^${part}/`, pathNot: TESTS },
      to: {
        path: `^(${PARTS.join('|')}|test|console|dashboards|main\\.ts)(/|$)`,
        pathNot: `^(${[part, ...MAY_IMPORT[part]!].join('|')})/`,
      },
    })),
    ...PARTS.map((part) => {
      const entries = ['index', ...(SIDE_ENTRIES[part] ?? [])];
      return {
        name: `entered-by-index-${part}`,
        comment: `${part} is entered through ${entries.map((entry) => `${part}/${entry}.ts`).join(' or ')} alone`,
        severity: 'error' as const,
        from: { pathNot: `^${part}/|${TESTS}` },
        to: { path: `^${part}/`, pathNot: `^${part}/(${entries.join('|')})\\.ts$` },
      };
    }),
    {
      name: 'pure-loads-nothing',
      comment: 'platform/pure.ts reaches only clock, errors and ids, and no package',
      severity: 'error',
      from: { path: PURE, pathNot: TESTS },
      to: { pathNot: PURE, dependencyTypesNot: ['core'] },
    },
    {
      name: 'tests-are-not-product',
      severity: 'error',
      from: { path: `^(${PARTS.join('|')})/|^main\\.ts$`, pathNot: TESTS },
      to: { path: TESTS },
    },
    ...Object.entries(DRIVERS).map(([name, folders]) => ({
      name: `driver-${name.replace(/\W+/g, '-')}`,
      severity: 'error' as const,
      from: { pathNot: folders },
      to: { path: `^(node_modules/)?${name.slice(1, -1)}(/|$)`, dependencyTypes: ['npm' as const, 'npm-dev' as const] },
    })),
  ],
};
