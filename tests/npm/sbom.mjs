// Holds a CycloneDX 1.5 document (JSON, on standard input) against its schema; says what is wrong, or nothing.
import { Validation } from "@cyclonedx/cyclonedx-library";
import { readFileSync } from "node:fs";

const wrong = await new Validation.JsonStrictValidator("1.5").validate(readFileSync(0, "utf8"));
if (wrong !== null) console.log(JSON.stringify(wrong, null, 2));
