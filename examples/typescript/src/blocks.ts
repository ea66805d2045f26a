// The text of a page, block by block, as Markdown of sorts. A new type of block does not compile
// until it is given its case.

import type { ResourceDetail } from "../client/index.js";

export type Block = ResourceDetail["body"][number];

const withoutTags = (html: string): string =>
  html
    .replace(/<\/(p|li|h\d)>/g, "\n")
    .replace(/<[^>]+>/g, "")
    .trim();

export function render(block: Block): string {
  switch (block.type) {
    case "rich_text":
      return withoutTags(block.html);
    case "heading":
      return `${"#".repeat(block.level)} ${block.text}`;
    case "image":
      return `![${block.picture.alt}](${block.picture.src}) ${block.caption}`.trim();
    case "document":
      return `[${block.file.title}](${block.file.url})`;
    case "video":
      return `[${block.title}](${block.url}) ${block.duration}`.trim();
    case "quote":
      return `> ${block.text}\n> — ${block.attribution}`;
    case "key_figures":
      return block.figures.map((each) => `${each.value} ${each.label}`).join("\n");
    case "call_to_action":
      return `${block.title} → ${block.button}: ${block.url}`;
    case "accordion":
      return block.items.map((each) => `## ${each.title}\n${withoutTags(each.html)}`).join("\n\n");
    case "table":
      return [block.head, ...block.rows].map((row) => row.join(" | ")).join("\n");
    case "linked_content":
      return [block.title, ...block.items.map((each) => `- ${each.title}: ${each.html_url}`)].join("\n");
    default:
      return unknown(block);
  }
}

// Other types may come within version 1 of the API: an app that is deployed leaves them out.
function unknown(_block: never): string {
  return "";
}
