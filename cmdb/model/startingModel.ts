import { CmdbModel } from './cmdbModel.ts';
import { STARTING_CI_TYPES } from './startingCiTypes.ts';
import { STARTING_RELATION_TYPES } from './startingRelationTypes.ts';

/** What every tenant begins with, by the words of CSDM and ISO 14224; a tenant's own rows lie over it. */
export const STARTING_MODEL = new CmdbModel(0, {
  ciTypes: STARTING_CI_TYPES,
  relationTypes: STARTING_RELATION_TYPES,
});

/** What an import makes of a type that nobody knows; all other types inherit from it. */
export const GENERIC_TYPE = 'configuration_item';
