import { defineErrors } from '../../platform/pure.ts';

export const diagnosisErrors = defineErrors({
  DIAGNOSIS_STATE_UNREADABLE: {
    status: 500,
    message: (_: object) =>
      'The stored diagnosis memory of a measuring point cannot be read; delete it, and it is built anew from the next blocks.',
  },
});
