/** Roots that are ours or the standard's: no vendor's rule may claim them. */
const RESERVED = new Set(['fl', 'spBv1.0']);
const LEVEL = /^(?:\+|\{(?:device|point)\}|[^+#{}]*)$/;
const MAX_LEVELS = 32;

/** A vendor's topic, as a rule of levels: a name, `+` for any, `{device}`, `{point}`, and `#` for all that follow. */
export interface TopicRule {
  levels: readonly string[];
  namesDevice: boolean;
}

/** What a topic says by a rule. Levels count from 1 in templates. */
export interface TopicWords {
  levels: readonly string[];
  device: string | undefined;
  point: string | undefined;
}

/** Reads a rule; a text instead says what is wrong with it. */
export function parseTopicRule(text: string): TopicRule | string {
  const levels = text.split('/');
  const [first] = levels as [string];
  if (levels.length > MAX_LEVELS) return `a topic has at most ${MAX_LEVELS} levels here`;
  if (RESERVED.has(first) || first.startsWith('$')) return `topics that begin with ${first} are not a vendor's`;
  if (first === '+' || first === '#' || first === '{point}') return 'the first level must be a name or {device}';
  if (levels.slice(0, -1).includes('#')) return '# stands only at the end';
  const wrong = levels.find((level) => level !== '#' && !LEVEL.test(level));
  if (wrong !== undefined) return `${wrong} is no level: write a name, +, {device}, {point} or, at the end, #`;
  for (const name of ['{device}', '{point}'])
    if (levels.filter((level) => level === name).length > 1) return `${name} stands in the topic twice`;
  return { levels, namesDevice: levels.includes('{device}') };
}

/** What a topic says by a rule, or null when it is none of the rule's. */
export function matchTopic(rule: TopicRule, topic: string): TopicWords | null {
  const levels = topic.split('/');
  const wanted = rule.levels;
  const words: TopicWords = { levels, device: undefined, point: undefined };
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return words;
    const told = levels[at];
    if (told === undefined) return null;
    if (level === '{device}') words.device = told;
    else if (level === '{point}') words.point = told;
    else if (level !== '+' && level !== told) return null;
  }
  return levels.length === wanted.length ? words : null;
}
