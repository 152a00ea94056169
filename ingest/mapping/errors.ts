import { defineErrors } from '../../platform/index.ts';

export const mappingErrors = defineErrors({
  MAPPING_UNKNOWN: {
    status: 404,
    message: (p: { mapping: string }) =>
      `There is no mapping ${p.mapping} in this tenant. List them at /api/v1/mappings.`,
  },
  MAPPING_EXISTS: {
    status: 409,
    message: (p: { name: string }) =>
      `There is a mapping ${p.name} already; choose another name, or add a version to that one.`,
  },
  MAPPING_VERSION_UNKNOWN: {
    status: 404,
    message: (p: { version: string }) => `There is no mapping version ${p.version} in this tenant.`,
  },
  MAPPING_SAMPLE: {
    status: 400,
    message: () => 'Give the sample either as text or as Base64, not as both or neither.',
  },
});
