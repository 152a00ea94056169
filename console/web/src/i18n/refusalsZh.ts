type InChinese = (detail: unknown) => string;

const at = (detail: unknown): { file?: string; line?: number; field?: string } => (detail ?? {}) as object;

/** What refusals of the API say to a Chinese reader, by code: what happened and what to do. */
export const REFUSALS_ZH: Readonly<Record<string, InChinese | undefined>> = {
  CMDB_CI_UNKNOWN: () => '没有这个标识的配置项，可能已被删除。请在列表中重新查找。',
  CMDB_CI_UNKNOWN_THEN: () => '该配置项在所选时间尚不存在。请选择其他时间。',
  CMDB_VERSION_UNKNOWN: () => '图谱还没有这个版本。请选择较早的版本或时间。',
  CMDB_KEY_TAKEN: () => '该标识已被使用。请更换标识，或修改已有的配置项。',
  CMDB_ATTRIBUTE: () => '有一个属性不符合其类型的要求，未保存。请更正后重试。',
  CMDB_NOT_UNIQUE: () => '该属性的值必须唯一，而另一个配置项已使用此值。请更正其中之一。',
  CMDB_TYPE_UNKNOWN: () => '模型中没有这个类型。请从列表中选择。',
  CMDB_TYPE_ABSTRACT: () => '该类型仅供继承，请选择它的一个下级类型。',
  CMDB_IMPORT_LINE: (detail) => {
    const { file = '', line = 0, field = '' } = at(detail);
    return `未导入任何内容：${file} 第 ${line} 行的“${field}”有误。请更正该行后重新预览。`;
  },
  CMDB_IMPORT_EMPTY: () => '文件中没有可导入的内容。请选择含有配置项或关系的文件。',
  CMDB_IMPORT_MOVED: () => '未导入任何内容：预览之后图谱已发生变化。请重新预览。',
  CMDB_DUPLICATE_DECIDED: () => '该重复项已由他人处理，请刷新列表。',
  CMDB_MODEL_WRONG: () => '模型不能这样修改。请按下列说明更正。',
  CMDB_MODEL_MOVED: () => '模型已被他人修改。请刷新后重新修改。',
  CMDB_MODEL_IN_USE: () => '该类型仍有配置项在使用，无法删除。请先修改或删除这些配置项。',
  CMDB_MODEL_VIOLATED: () => '现有配置项不符合修改后的模型。请先更正，或选择将其列为待办。',
  CMDB_WINDOW_ORDER: () => '维护结束时间必须晚于开始时间。请更正。',
  VALIDATION: () => '输入有误，请按下列说明更正。',
  FORBIDDEN: () => '您的角色无权执行此操作，请联系管理员。',
};
