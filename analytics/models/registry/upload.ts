import { reasonOf } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { type ModelContract, parseContract } from '../contract.ts';
import { type Scope, scope } from './stages.ts';

/** What an upload holds. */
export interface Upload {
  readonly contract: ModelContract;
  readonly data: Uint8Array;
  readonly scope: Scope;
  readonly reason: string;
}

const MAX_REASON = 1000;

/**
 * Reads the parts of an upload: `contract` (JSON), `model` (the file), and if wanted `scope` (JSON) and `reason` (text).
 *
 * @throws ANALYTICS_MODEL_UPLOAD, ANALYTICS_MODEL_CONTRACT
 */
export async function readUpload(body: Buffer, contentType: string): Promise<Upload> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch((cause) => {
      throw analyticsErrors.ANALYTICS_MODEL_UPLOAD({ reason: reasonOf(cause) }, { cause });
    });
  const textOf = async (name: string): Promise<string | null> => {
    const part = form.get(name);
    return part === null || typeof part === 'string' ? part : part.text();
  };
  const model = form.get('model');
  const contract = await textOf('contract');
  if (model === null || typeof model === 'string') {
    throw analyticsErrors.ANALYTICS_MODEL_UPLOAD({ reason: 'the part model is missing or not a file' });
  }
  if (contract === null) throw analyticsErrors.ANALYTICS_MODEL_UPLOAD({ reason: 'the part contract is missing' });
  return {
    contract: parseContract(contract),
    data: new Uint8Array(await model.arrayBuffer()),
    scope: readScope(await textOf('scope')),
    reason: ((await textOf('reason')) ?? 'uploaded').slice(0, MAX_REASON),
  };
}

function readScope(text: string | null): Scope {
  if (text === null) return { kind: 'all' };
  try {
    return scope.parse(JSON.parse(text));
  } catch (cause) {
    const reason = 'the part scope must be JSON such as {"kind":"point","key":"pump-7/de"}';
    throw analyticsErrors.ANALYTICS_MODEL_UPLOAD({ reason }, { cause });
  }
}
