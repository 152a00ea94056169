import { AttributeProblem, checkedValue } from './attributeCheck.ts';
import type { CheckedCi, CmdbModel } from './cmdbModel.ts';
import type { BothLanguages } from './definitions.ts';

/** Why something in the graph does not fit the model. */
export interface Problem {
  /** Of a CI: its attribute, or `type`. Of a relation: `<type> <key of the other end>`. */
  readonly attribute: string;
  readonly problem: BothLanguages;
}

const MISSING: BothLanguages = { en: 'is required and missing', zh: '必填但缺失' };
export const NO_SUCH_CI: BothLanguages = { en: 'names no CI of the type it refers to', zh: '未指向所引用类型的配置项' };

/** What is wrong with a CI by itself; whether its values are unique and its references lead anywhere, others must tell. */
export function problemsOf(model: CmdbModel, ci: CheckedCi): Problem[] {
  const type = model.typeOf(ci.type);
  if (type === undefined) return [{ attribute: 'type', problem: { en: 'is not in the model', zh: '不在模型中' } }];
  const problems: Problem[] = [];
  if (type.abstract) problems.push({ attribute: 'type', problem: { en: 'is only to inherit from', zh: '仅供继承' } });
  for (const [name, definition] of type.attributes) {
    const value = ci.attributes[name];
    if (isMissing(value)) {
      if (definition.required) problems.push({ attribute: name, problem: MISSING });
      continue;
    }
    try {
      checkedValue(definition, value, name);
    } catch (error) {
      if (!(error instanceof AttributeProblem)) throw error;
      problems.push({ attribute: name, problem: error.problem });
    }
  }
  return problems;
}

export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
