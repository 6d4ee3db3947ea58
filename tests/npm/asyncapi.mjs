// Reads docs/asyncapi.yaml with AsyncAPI's own parser. Prints its errors and warnings, and what it found in the document.
import { Parser } from "@asyncapi/parser";
import Ajv2020 from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../docs/asyncapi.yaml", import.meta.url));
const format = "application/schema+json;version=draft-2020-12";
const parser = new Parser();
// The parser has all references followed before it asks whether a schema is one.
parser.registerSchemaParser({
  getMimeTypes: () => [format],
  parse: ({ data }) => data,
  validate: ({ data, path }) => {
    const ajv = new Ajv2020({ strict: false });
    if (ajv.validateSchema(data)) return [];
    return ajv.errors.map((its) => ({ message: `${its.instancePath} ${its.message}`, path }));
  },
});
const { document, diagnostics } = await parser.parse(readFileSync(source, "utf8"), { source });
const found = document && {
  operations: document.operations().all().map((its) => [its.id(), its.messages().all().map((message) => message.name()),
    its.reply()?.messages().all().map((message) => message.name()) ?? null]),
  formats: [...new Set(document.allMessages().all().map((its) => its.schemaFormat()))],
  queries: document.channels().all().map((its) => [its.address(), Object.keys(its.bindings().get("ws")?.value().query?.properties ?? {})]),
  servers: document.servers().all().map((its) => [its.protocol(), its.host()]),
};
console.log(JSON.stringify({ found, diagnostics: diagnostics.map(({ severity, message, path }) => ({ severity, message, path })) }));
