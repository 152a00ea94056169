import { reasonOf } from '../../../platform/pure.ts';
import type { ModelContract } from '../contract.ts';
import { checkModel, Refusal } from './checks.ts';
import type { ValidationReport } from './report.ts';

export interface ValidationRequest {
  readonly contract: ModelContract;
  readonly data: Uint8Array;
}
export type ValidationReply = { readonly report: ValidationReport } | { readonly refused: string };

// One model, one process: started by validateModel.ts, which reads the answer and ends it.
process.once('message', async ({ contract, data }: ValidationRequest) => {
  const reply: ValidationReply = await checkModel(contract, data).then(
    (report) => ({ report }),
    (error) => ({ refused: error instanceof Refusal ? error.message : `It fails: ${reasonOf(error)}` }),
  );
  process.send!(reply, () => process.exit(0));
});
