// Writes the types of all messages from their JSON Schemas: types.mjs SCHEMAS-DIRECTORY > messages.ts
// It knows as much of JSON Schema as docs/schemas uses; what only narrows (if, lengths, patterns) has no type and is passed over.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";

const top = resolve(process.argv[2]);
const read = (file) => JSON.parse(readFileSync(join(top, file), "utf8"));
const pascal = (text) => text[0].toUpperCase() + text.slice(1);
const listed = (folder) => readdirSync(join(top, folder)).filter((name) => name.endsWith(".json")).sort();
const nameOf = (file) => basename(file, ".json");
const comment = (schema) => (schema.description ?? schema.title ? `/** ${schema.description ?? schema.title} */ ` : "");

/** Whether a schema says what something is, rather than what of it is required when. */
const isType = (schema) =>
  ["$ref", "type", "enum", "const", "properties", "allOf", "oneOf", "anyOf"].some((word) => word in schema) && !("if" in schema && !("properties" in schema));

function reference(target, owner) {
  const [file, pointer] = target.split("#/$defs/");
  if (pointer === undefined) throw new Error(`${target}: expected a reference to something in $defs`);
  return file === "" ? owner + pascal(pointer) : pascal(pointer);
}

function members(schema, owner) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties)
    .map(([name, value]) => `${comment(value)}${name}${required.has(name) ? "" : "?"}: ${write(value, owner)}`);
}

const simple = { string: "string", number: "number", integer: "number", boolean: "boolean", null: "null" };

function write(schema, owner) {
  if ("$ref" in schema) return reference(schema.$ref, owner);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  const parts = (schema.allOf ?? []).filter(isType).map((part) => write(part, owner));
  const choices = (schema.oneOf ?? schema.anyOf ?? []).filter(isType);
  if (choices.length > 0) parts.push(choices.map((choice) => write(choice, owner)).join(" | "));
  if (schema.properties && Object.keys(schema.properties).length > 0) parts.push(`{ ${members(schema, owner).join("; ")} }`);
  if (parts.length > 0) return parts.join(" & ");
  if (schema.type === "array") return arrayOf(schema, owner);
  if (schema.type === "object") return "Record<never, never>";
  const types = [schema.type].flat().map((type) => simple[type]);
  if (types.includes(undefined)) throw new Error(`no type for ${JSON.stringify(schema)}`);
  return [...new Set(types)].join(" | ");
}

function arrayOf(schema, owner) {
  const item = write(schema.items, owner);
  if (schema.minItems === 2 && schema.maxItems === 2) return `[${item}, ${item}]`;
  return /[ &|]/.test(item) ? `(${item})[]` : `${item}[]`;
}

/** One declaration; an object's members on a line each. */
function declare(name, schema, owner) {
  const body = write(schema, owner);
  const shown = schema.properties && Object.keys(schema.properties).length > 0
    ? body.replace(`{ ${members(schema, owner).join("; ")} }`, () => `{\n  ${members(schema, owner).join(";\n  ")};\n}`) : body;
  const text = comment(schema);
  return `${text && `${text.trim()}\n`}export type ${name} = ${shown};`;
}

const out = ["// Made by generate/types.mjs from docs/schemas (npm run generate). Not to be edited.", ""];
for (const [name, schema] of Object.entries(read("common.json").$defs)) out.push(declare(pascal(name), schema, ""));
for (const [folder, suffix] of [["requests", "Request"], ["told", "Payload"]]) {
  const files = listed(folder);
  for (const file of files) {
    const schema = read(join(folder, file)), owner = pascal(nameOf(file));
    for (const [name, inner] of Object.entries(schema.$defs ?? {})) out.push(declare(owner + pascal(name), inner, owner));
    out.push(declare(owner + suffix, schema, owner));
  }
  const title = folder === "requests" ? "The payload of each request, by its type." : "The payload of what the device tells, by its type.";
  out.push(`/** ${title} */`, `export interface ${pascal(folder)} {`,
    ...files.map((file) => `  ${nameOf(file)}: ${pascal(nameOf(file))}${suffix};`), "}");
}
console.log(out.join("\n"));
