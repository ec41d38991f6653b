type Child = Node | string | number | null | undefined | false;

interface Properties {
  /** Attributes as they stand in HTML; null and false leave one out. */
  [attribute: string]: string | number | boolean | null | undefined | ((event: Event) => void);
}

/**
 * Makes an element. Every text becomes a text node: whatever a prompt or an answer holds, it stays text.
 * A property that is a function listens to the event of its name.
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value));
  }
  fill(element, children);
  return element;
}

/** Replaces what an element holds. */
export function show(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  fill(element, children);
}

/** Makes an element look like a fresh one, and keeps all of it that needn't change: what has the focus stays. */
export function adopt(shown: Element, fresh: Element): void {
  if (shown.isEqualNode(fresh)) return;
  for (const name of shown.getAttributeNames()) if (!fresh.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of fresh.attributes) shown.setAttribute(name, value);
  const pieces = [...fresh.childNodes];
  if (pieces.length !== shown.childNodes.length) shown.replaceChildren(...pieces);
  pieces.forEach((piece, at) => {
    const old = shown.childNodes[at]!;
    if (old.isEqualNode(piece)) return;
    if (old instanceof Element && piece instanceof Element && isAlike(old, piece)) adopt(old, piece);
    else old.replaceWith(piece);
  });
}

/** The page's policy lets no script set a style as an attribute. */
function isAlike(old: Element, piece: Element): boolean {
  return old.tagName === piece.tagName && !piece.hasAttribute("style");
}

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

function fill(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

interface Column<Item> {
  head: string;
  /** Right-aligned figures. */
  isNumber?: boolean;
  cell: (item: Item) => Node | string;
}

/** A table with a caption, scrolling on its own where it is wider than the page. */
export function tableOf<Item>(
  caption: string,
  columns: readonly Column<Item>[],
  items: readonly Item[],
): HTMLElement {
  const numberClass = ({ isNumber }: Column<Item>): string | null => (isNumber ? "number" : null);
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...columns.map((column) => el("th", { scope: "col", class: numberClass(column) }, column.head)),
        ),
      ),
      el(
        "tbody",
        {},
        ...items.map((item) =>
          el(
            "tr",
            {},
            ...columns.map((column) => el("td", { class: numberClass(column) }, column.cell(item))),
          ),
        ),
      ),
    ),
  );
}
