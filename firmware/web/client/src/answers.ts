import type { Requests, Told } from "./messages.js";

/** What answers each request, where it succeeds. docs/asyncapi.yaml says the same. */
export interface Answers extends Record<keyof Requests, keyof Told> {
  acknowledge: "ack"; announce: "ack"; authenticate: "ack"; baton: "ack"; command: "ack"; describe: "description"; history: "history";
  issueToken: "token"; join: "ack"; journal: "journal"; leave: "ack"; log: "ack"; ping: "pong"; presence: "presence"; refreshToken: "token";
  reload: "ack"; renew: "ack"; reset: "ack"; resume: "ack"; revokeToken: "ack"; scene: "ack"; stop: "ack"; subscribe: "snapshot";
  ticket: "ticket"; tokens: "tokens"; unsubscribe: "ack"; whoami: "whoami";
}
export type AnswerTo<Type extends keyof Requests> = Told[Answers[Type]];
