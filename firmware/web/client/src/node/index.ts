import { Client } from "../client.js";
import type { ClientOptions } from "../options.js";
import { dialer } from "./dial.js";
import { poster } from "./http.js";
import { Trust, type TrustOptions } from "./trust.js";

export * from "../index.js";
export { TrustError, readCertificate, type TrustOptions } from "./trust.js";

/** A client that knows the device by its own authority. */
export function connectTo(options: ClientOptions & TrustOptions): Client {
  const trust = new Trust(options);
  return new Client({ dial: dialer(trust), post: poster(trust), ...options });
}
