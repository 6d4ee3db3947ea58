import { readFileSync } from "node:fs";
import { connect, type DetailedPeerCertificate } from "node:tls";

/** How to know the device. Neither: by the authorities that the system trusts. */
export interface TrustOptions {
  /** A certificate of its authority, PEM. */
  ca?: string;
  /** SHA-256 of its authority's certificate, as its console prints it. */
  fingerprint?: string;
}

/** The device is not who it should be. */
export class TrustError extends Error {}

/** A certificate of a file, with what is wrong told. */
export function readCertificate(file: string): string {
  const text = readFileSync(file, "utf8");
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new TrustError(`${file}: found no certificate; expected PEM, such as the device's /ca.crt`);
  return text;
}

function plain(fingerprint: string): string {
  const digits = fingerprint.replace(/^sha-?256[:= ]/i, "").replace(/[\s:]/g, "").toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) {
    throw new TrustError(`fingerprint: found "${fingerprint}"; expected SHA-256 as 64 hexadecimal digits, with or without colons`);
  }
  return digits;
}

/** From the device's own certificate to the last one it has sent. */
function* chain(first: DetailedPeerCertificate): Generator<DetailedPeerCertificate> {
  const seen = new Set<string>();
  for (let next: DetailedPeerCertificate | undefined = first; next?.fingerprint256 && !seen.has(next.fingerprint256); next = next.issuerCertificate) {
    seen.add(next.fingerprint256);
    yield next;
  }
}

/** The certificate with that fingerprint, from the chain the device sends. Nothing is told to it; it is believed only afterwards. */
function fetchAuthority(url: URL, fingerprint: string, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(url.port || 443), ALPNProtocols: ["http/1.1"], rejectUnauthorized: false, ...serverName(host) }, () => {
      const shown = [...chain(socket.getPeerCertificate(true))];
      socket.destroy();
      const found = shown.find((certificate) => certificate.fingerprint256.replaceAll(":", "") === fingerprint);
      if (found !== undefined) return resolve(pem(found.raw));
      const last = shown.at(-1)?.fingerprint256 ?? "no certificate";
      reject(new TrustError(`the device at ${url.host} shows another authority: found ${last}, expected ${fingerprint.match(/../g)!.join(":")}`));
    });
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`no answer from ${url.host} within ${withinMs} ms`)));
    socket.on("error", reject);
  });
}

function pem(raw: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${raw.toString("base64").match(/.{1,64}/g)!.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** Names go with the handshake (RFC 6066), addresses do not. */
export function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

/** The authority to believe, found once. */
export class Trust {
  #authority: Promise<string | undefined> | undefined;

  constructor(private readonly options: TrustOptions) {
    if (options.fingerprint !== undefined) plain(options.fingerprint);
  }

  authority(url: URL, withinMs: number): Promise<string | undefined> {
    const { ca, fingerprint } = this.options;
    if (fingerprint === undefined) return Promise.resolve(ca);
    this.#authority ??= fetchAuthority(url, plain(fingerprint), withinMs).catch((error: unknown) => {
      this.#authority = undefined;
      throw error;
    });
    return this.#authority;
  }
}
