// Reads docs/openapi.yaml by the specification's own schema and follows its references. Prints what is wrong with it, and what it has; then
// holds the answers from standard input against it: [{path, status, type, body}], with null for each that is right, else what is wrong.
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { parse } from "yaml";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../docs/openapi.yaml", import.meta.url));
const folder = new URL("../../docs/schemas/", import.meta.url);
const document = parse(readFileSync(source, "utf8"));

/** Without references to other files, which the validator follows nowhere; below they are. */
function byItself(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(byItself);
  if (value.$ref?.startsWith("schemas/")) return { description: value.$ref };
  return Object.fromEntries(Object.entries(value).map(([name, its]) => [name, byItself(its)]));
}
const validator = new Validator();
const checked = await validator.validate(byItself(document));

const base = "https://signalbox.invalid/";
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats(ajv);
for (const name of readdirSync(folder, { recursive: true }).filter((its) => its.endsWith(".json")))
  ajv.addSchema({ ...JSON.parse(readFileSync(new URL(name, folder), "utf8")), $id: `${base}schemas/${name}` });
ajv.addSchema({ $id: `${base}openapi.yaml`, ...document });

const escaped = (step) => `${step}`.replaceAll("~", "~0").replaceAll("/", "~1");
/** What a reference inside the document leads to, and where that is. */
function follow(place) {
  let value = place.reduce((its, step) => its?.[step], document);
  while (value?.$ref?.startsWith("#/")) {
    place = value.$ref.slice(2).split("/");
    value = place.reduce((its, step) => its?.[step], document);
  }
  return [value, place];
}
const schemaAt = (place) => ajv.compile({ $ref: `${base}openapi.yaml#/${place.map((step) => encodeURIComponent(escaped(step))).join("/")}` });

const operations = [];
// One of the ways in asks for nothing.
const isOpen = (security) => security?.length === 0 || (security ?? []).some((one) => Object.keys(one).length === 0);
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, its] of Object.entries(item)) {
    const parameters = (its.parameters ?? []).map((_, i) => follow(["paths", path, method, "parameters", i]));
    for (const [parameter, place] of parameters) if (parameter.schema) schemaAt([...place, "schema"]); // every reference leads somewhere
    operations.push({ path, method: method.toUpperCase(), query: parameters.map(([its]) => its).filter((its) => its.in === "query").map((its) => its.name),
      open: isOpen(its.security), responses: Object.keys(its.responses) });
  }
}

function fault({ path, method = "get", status, type, body }) {
  const responses = document.paths[path]?.[method]?.responses;
  if (!responses) return `no ${method} ${path}`;
  const [response, place] = follow(["paths", path, method, "responses", status in responses ? `${status}` : "default"]);
  const content = response.content?.[type];
  if (!content) return `${status} of type ${type}`;
  const schema = schemaAt([...place, "content", type, "schema"]);
  const value = type.endsWith("json") ? JSON.parse(body) : body;
  return schema(value) ? null : ajv.errorsText(schema.errors);
}
const answers = JSON.parse(readFileSync(0, "utf8") || "[]");
console.log(JSON.stringify({ version: validator.version, errors: checked.valid ? [] : checked.errors, operations, faults: answers.map(fault) }));
