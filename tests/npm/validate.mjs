// Holds values against docs/schemas. Reads a JSON list from standard input and prints one with null for each that is
// right, else what is wrong. Entries: {dialect, side, message} for whole messages (side: request, told), or
// {schema, message} for a value by itself: a file of docs/schemas, or `thing` for W3C's schema of a Thing Description.
//
// Members that no schema names are wrong here. The schemas themselves let them pass, as the protocol does.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv2020 from "ajv/dist/2020.js";
import Ajv from "ajv";
import formats from "ajv-formats";

const folder = new URL("../../docs/schemas/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".json"));
const isFrame = (name) => name === "envelope.json" || name === "jsonrpc.json";

/** Refuses unknown members in each object that is described as one; what others are put together from has no type. */
function close(schema) {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(close);
  const closed = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, close(value)]));
  const isOpen = closed.type === "object" && (closed.properties || closed.allOf) && !("unevaluatedProperties" in closed);
  return isOpen ? { ...closed, unevaluatedProperties: false } : closed;
}

/** Frames are closed at their own level only: their payload is held against its own schema. */
function closeFrame(schema) {
  const defs = Object.entries(schema.$defs).map(([name, def]) =>
    [name, def.type === "object" ? { ...def, unevaluatedProperties: false } : def]);
  return { ...schema, $defs: Object.fromEntries(defs) };
}

function compiler(payloadRule) {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
  formats(ajv);
  for (const name of files) {
    const schema = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    ajv.addSchema(isFrame(name) ? closeFrame(schema) : payloadRule(schema), new URL(name, folder).href);
  }
  return (name) => ajv.getSchema(new URL(name, folder).href);
}
const asPublished = compiler((schema) => schema);
const closed = compiler(close);

function thing() {
  const ajv = new Ajv({ strict: false });
  formats(ajv);
  return ajv.compile(createRequire(import.meta.url)("wot-thing-description-types/schema/td-json-schema-validation.json"));
}

/** In requests `null` means left out. */
function withoutNulls(value) {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, its]) => its !== null).map(([name, its]) => [name, withoutNulls(its)]));
}

/** A message's type and payload, without what the dialect puts among the payload's members. */
function opened(dialect, message) {
  if (dialect === "envelope") return [message.type, message.payload ?? {}];
  const { type, traceId, replyTo, ...payload } = message.result ?? message.error?.data ?? message.params ?? {};
  return [message.method ?? (message.error ? "error" : type), payload];
}

function wrong(validate, value) {
  if (!validate) return "there is no such schema";
  if (validate(value)) return null;
  return validate.errors.map((its) => `${its.instancePath || "/"} ${its.message} ${JSON.stringify(its.params)}`).join("; ");
}

function check({ dialect, side, schema, message }) {
  if (schema) return schema === "thing" ? wrong(thing(), message) : wrong(closed(schema), message);
  const value = side === "request" ? withoutNulls(message) : message;
  const frame = wrong(asPublished(`${dialect}.json#/$defs/${side}`), value);
  if (frame) return frame;
  const [type, payload] = opened(dialect, value);
  return wrong(closed(`${side === "request" ? "requests" : "told"}/${type}.json`), payload);
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(check)));
