import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parseAllDocuments } from 'yaml';

/** Aliases that one document may expand to: people repeat a block or two, bombs repeat by the million. */
const MOST_ALIASES = 100;
const MOST_NESTED_TAGS = 64;

/** What keeps a text from being read, and where. */
export class DocumentProblem extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * The documents of a YAML text, or the one of an XML text: attributes as `@name`, text as strings, entities resolved.
 * @throws {DocumentProblem}
 */
export function parseDocuments(kind: 'yaml' | 'xml', text: string): unknown[] {
  return kind === 'yaml' ? yamlDocuments(text) : [xmlDocument(text)];
}

function yamlDocuments(text: string): unknown[] {
  const documents = parseAllDocuments(text, { schema: 'core', merge: false, prettyErrors: true });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const problem = error.message.split('\n')[0]!.replace(/:$/, '');
      throw new DocumentProblem(`is no YAML: ${problem}.`, error.linePos?.[0].line ?? 1);
    }
    try {
      return [document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown];
    } catch (error) {
      throw new DocumentProblem(`cannot be taken: ${(error as Error).message}. Write aliases out.`, 1);
    }
  });
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseTagValue: false,
  parseAttributeValue: false,
  // Entities are resolved below, the five of XML and characters by number: none can be declared.
  processEntities: false,
  maxNestedTags: MOST_NESTED_TAGS,
  tagValueProcessor: (_name, value) => plainText(value),
  attributeValueProcessor: (_name, value) => plainText(value),
});

function xmlDocument(text: string): unknown {
  const declared = /<!(DOCTYPE|ENTITY)/i.exec(text);
  if (declared !== null) {
    const line = text.slice(0, declared.index).split('\n').length;
    throw new DocumentProblem('declares a document type or entities, which are not taken; remove it.', line);
  }
  const checked = XMLValidator.validate(text);
  if (checked !== true) throw new DocumentProblem(`is no XML: ${checked.err.msg}`, checked.err.line);
  try {
    return parser.parse(text) as unknown;
  } catch (error) {
    throw new DocumentProblem(`cannot be taken: ${(error as Error).message}.`, 1);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** XML 1.0, section 4.6 and 4.1: predefined entities and character references. */
function plainText(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[(name as string).toLowerCase()]!;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
