// Lists the latest resources of a site, shows its next event, and writes the first resource.

import { getEvent, getResource, listEvents, listResources } from "../client/index.js";
import { client } from "../client/client.gen.js";
import { render } from "./blocks.js";

const [site = "http://localhost:8000"] = process.argv.slice(2);
client.setConfig({ baseUrl: site, throwOnError: true });

async function resources(): Promise<number | undefined> {
  const { data } = await listResources({ query: { limit: 5, order: "-published_on" }, throwOnError: true });
  console.log(`${data.count} resources`);
  for (const each of data.items) {
    const themes = each.themes.map((theme) => theme.label).join(", ");
    console.log(`- ${each.title} (${each.resource_type.label}; ${themes})`);
  }
  return data.items[0]?.id;
}

async function nextEvent(): Promise<void> {
  const { data } = await listEvents({ query: { limit: 1 }, throwOnError: true });
  const [first] = data.items;
  if (first === undefined) {
    console.log("No event is announced.");
    return;
  }
  const { data: event } = await getEvent({ path: { event_id: first.id }, throwOnError: true });
  console.log(`Next: ${event.title}, ${event.sessions.map((each) => each.starts_at).join(", ")}`);
}

async function text(id: number): Promise<void> {
  const { data } = await getResource({ path: { resource_id: id }, throwOnError: true });
  console.log([`# ${data.title}`, ...data.body.map(render)].filter(Boolean).join("\n\n"));
}

const first = await resources();
await nextEvent();
if (first !== undefined) await text(first);
