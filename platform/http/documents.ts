import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { $ZodType } from 'zod/v4/core';
import { DOCS_PREFIX, SESSION_COOKIE } from './access.ts';
import type { App } from './application.ts';
import { errorBody } from './errorHandler.ts';

interface SchemaContext {
  zodSchema: $ZodType;
  jsonSchema: Record<string, unknown>;
  io: 'input' | 'output';
}

/** What JSON Schema has no word for is described as it travels. */
function describeAsSent({ zodSchema, jsonSchema, io }: SchemaContext): void {
  switch (zodSchema._zod.def.type) {
    case 'bigint':
      Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' });
      break;
    case 'date':
      if (io === 'output') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      break;
    case 'undefined':
      if (io === 'output') jsonSchema.type = 'null';
      break;
    default:
  }
}

/** Publishes the OpenAPI document (`/docs/json`, `/docs/yaml`) and a page to read and try it (`/docs`). */
export async function registerDocuments(app: App, version: string): Promise<void> {
  const zodToJsonConfig = { override: describeAsSent as never };
  const transform = createJsonSchemaTransform({ zodToJsonConfig });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Faultline',
        version,
        description:
          'From a vibrating machine to a dispatched work order. Every error has the form of the schema Error.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API token, or the secret of a session' },
          cookie: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'The session of a browser' },
        },
      },
    },
    transform: (document) => {
      const { config } = document.route;
      const schema = document.schema as (FastifySchema & { description?: string; response?: object }) | undefined;
      if (!schema) return transform(document as never);
      const demands = config?.public ? 'Open to everybody.' : `Needs the permission \`${config?.permission}\`.`;
      return transform({
        ...document,
        schema: {
          ...schema,
          description: [schema.description, demands].filter(Boolean).join('\n\n'),
          security: config?.public ? [] : [{ bearer: [] }, { cookie: [] }],
          response: { ...schema.response, default: errorBody },
        },
      } as never);
    },
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig }),
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS_PREFIX,
    staticCSP: DOCS_POLICY,
    logo: { type: 'image/svg+xml', content: Buffer.from(WORDMARK) },
    theme: { title: 'Faultline API' },
    uiConfig: { deepLinking: true, docExpansion: 'list', persistAuthorization: true },
  });
}

/** The documentation's page loads its own script and styles, and calls this server. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const WORDMARK = `<svg xmlns="http://www.w3.org/2000/svg" width="220" height="40" viewBox="0 0 220 40">
<path d="M4 22h10l4-12 6 22 5-16 3 6h8" fill="none" stroke="#e0562f" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/>
<text x="48" y="29" font-family="Helvetica, Arial, sans-serif" font-size="25" font-weight="700" fill="#fff">Faultline</text></svg>`;
