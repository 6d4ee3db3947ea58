import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import type { Post } from "../options.js";
import { serverName, type Trust } from "./trust.js";

const BODY_MAX = 64 * 1024;

/** The whole body, as far as one is believed to be sensible. */
export function readBody(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (text: string) => {
      body += text;
      if (body.length > BODY_MAX) answer.destroy(new Error(`an answer longer than ${BODY_MAX} bytes`));
    });
    answer.on("end", () => resolve(body));
    answer.on("error", reject);
  });
}

/** What is wrong. Where a name has several addresses, and none of them answers, Node puts no words to it. */
export function said(error: Error & { code?: string; errors?: Error[] }): string {
  return error.message || (error.errors ?? []).map(({ message }) => message).join(", ") || error.code || String(error);
}

/** Where and how to ask, believing the device's authority alone. */
export function target(url: URL, ca: string | undefined, token: string | undefined): RequestOptions {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: Number(url.port || 443), path: url.pathname + url.search, agent: false, ...serverName(host), ...(ca !== undefined && { ca }),
    headers: { Host: url.host, ...(token !== undefined && { Authorization: `Bearer ${token}` }) } };
}

/** Posts to a device; `body` as JSON. */
export async function post(trust: Trust, url: string, token: string | undefined, withinMs: number, body?: object): Promise<{ status: number; body: string }> {
  const where = new URL(url), ca = await trust.authority(where, withinMs);
  const options = target(where, ca, token);
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, method: "POST", timeout: withinMs, headers: { ...options.headers, "Content-Length": Buffer.byteLength(text) } });
    asked.on("response", (answer) => readBody(answer).then((told) => resolve({ status: answer.statusCode ?? 0, body: told }), reject));
    asked.on("timeout", () => asked.destroy(new Error(`no answer from ${where.host} within ${withinMs} ms`)));
    asked.on("error", (error) => reject(Object.assign(error, { message: said(error) })));
    asked.end(text);
  });
}

export function poster(trust: Trust): Post {
  return (url, token, withinMs) => post(trust, url, token, withinMs);
}
