/** Gives a parsed push the shape its type promises: leaves are strings, lists are arrays even of one or none. */
import type { Fields, Xml } from './xml.ts';

/** What is inside an element: nothing but text, or children. Children that are no leaves are named; a list is in brackets. */
type Shape = null | { readonly [child: string]: Shape | readonly [Shape] };
const LEAF = null;
const OF_LEAVES = {};
const OF_ITEMS = { item: [OF_LEAVES] } as const;

/** The structured elements of the known pushes; everything else in them is a leaf. The same as in the types of push.ts. */
const STRUCTURED = new Map<string, Shape | readonly [Shape]>(
  Object.entries({
    ScanCodeInfo: OF_LEAVES,
    SendPicsInfo: { PicList: OF_ITEMS },
    SendLocationInfo: OF_LEAVES,
    CopyrightCheckResult: { ResultList: OF_ITEMS },
    ArticleUrlResult: { ResultList: OF_ITEMS },
    PublishEventInfo: { article_detail: OF_ITEMS, fail_idx: [LEAF] },
    SubscribeMsgPopupEvent: { List: [OF_LEAVES] },
    SubscribeMsgChangeEvent: { List: [OF_LEAVES] },
    SubscribeMsgSentEvent: { List: [OF_LEAVES] },
    GuideScanEvent: OF_LEAVES,
    ChosenBeacon: OF_LEAVES,
    AroundBeacons: { AroundBeacon: [OF_LEAVES] },
    result_info: OF_LEAVES,
    material: [{ illegal_material: OF_LEAVES, appeal_material: { proof_material_id: [LEAF] } }],
    detail: [OF_LEAVES],
    result: OF_LEAVES,
  } satisfies Record<string, Shape | readonly [Shape]>),
);

/** Makes the fields of a known push, in place, what its type promises. */
export function shape(fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    const inner = STRUCTURED.get(name) ?? LEAF;
    if (isList(inner)) fields[name] = listOf(value, inner[0]);
    else if (inner !== LEAF || typeof value !== 'string') fields[name] = conform(value, inner);
  }
}

/** The text of an element that must be a leaf. Of a repeated one the first: see parse.ts for why. */
export function leaf(value: Xml | Xml[] | undefined): string {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' ? leaf(first['#text']) : (first ?? '');
}

function conform(value: Xml | Xml[], inner: Shape): Xml {
  return inner === LEAF ? leaf(value) : children(value, inner);
}

/**
 * A repeated element is merged: its lists add up, its first leaves win. So several `<PicList>`s, as WeChat sends them for
 * several pictures, read as one.
 */
function children(value: Xml | Xml[], named: NonNullable<Shape>): Fields {
  const merged: Fields = {};
  for (const [name, inner] of Object.entries(named)) {
    // A list has no element of its own, so none of them leaves no trace; its user must not have to know.
    if (isList(inner) && inner[0] !== LEAF) merged[name] = [];
  }
  for (const element of many(value)) {
    if (typeof element === 'string') continue;
    for (const [name, child] of Object.entries(element)) {
      const inner = Object.hasOwn(named, name) ? named[name] : LEAF;
      if (isList(inner)) {
        merged[name] = [...((merged[name] as Xml[] | undefined) ?? []), ...listOf(child, inner[0])];
      } else if (name !== '#text' && !Object.hasOwn(merged, name)) {
        merged[name] = conform(child, inner ?? LEAF);
      }
    }
  }
  return merged;
}

/** An element without content is none of a list. */
const listOf = (value: Xml | Xml[], inner: Shape): Xml[] =>
  many(value)
    .filter((item) => item !== '')
    .map((item) => conform(item, inner));

const many = (value: Xml | Xml[]): Xml[] => (Array.isArray(value) ? value : [value]);

const isList = (inner: Shape | readonly [Shape] | undefined): inner is readonly [Shape] => Array.isArray(inner);
