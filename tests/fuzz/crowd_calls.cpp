// Requests of HTTP, and what is heard of them.
#include <algorithm>

#include "fuzz/crowd.hpp"
#include "fuzz/phrases.hpp"

namespace signalbox::fuzz {

/// A request of HTTP; whatever of it is made up has no control characters, which the link refuses.
void Crowd::call(Client& client, std::uint8_t how) {
  const CallPhrase& phrase = kCalls[input_.below(kCalls.size())];
  const bool has_body = phrase.rest.starts_with('{');
  std::string rest = expanded(client, phrase.rest);
  if ((how & 64U) != 0) {
    std::string odd = made_up(client);
    if (!has_body)
      std::erase_if(odd, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
    rest.insert(input_.byte() % (rest.size() + 1), odd);
  }
  client.dialect = protocol::find_dialect(phrase.dialect);
  session::LifeCounts& life = machine_.door().life();
  life.arrive();
  life.step(session::Phase::tcp, session::Phase::tls);
  std::string_view bearer = token();
  if ((how & 4U) != 0) bearer = {};
  if ((how & 12U) == 12U) bearer = "wrong";
  const Result<Handle> admitted = machine_.door().admit(
      {client.id, {"192.0.2.1", 0, bearer}, phrase.dialect, {}, phrase.operation}, now_);
  if (!admitted) return life.step(session::Phase::tls, session::Phase::closed);
  SIGNALBOX_CHECK(bearer == token() && phrase.operation != "POST /v1/everything");
  client.session = *admitted;
  client.state = Client::State::open;
  machine_.door().opened(client.session, now_);
  const std::string head = std::string{phrase.operation} + '\n' + (has_body ? "\n" : rest);
  if (has_body) client.body = rest;
  client.mid_message = has_body;
  if (!has_body) client.owed["http"] = 1;
  machine_.door().received(client.session, head, true, !has_body, now_);
  if (has_body && (how & 128U) == 0) send_body(client);
  pump();
}

/// Some of it, and its end once all is sent.
void Crowd::send_body(Client& client) {
  if (client.state != Client::State::open || !client.mid_message) return;
  const std::size_t size = std::min<std::size_t>(client.body.size(), 1 + input_.byte());
  const std::string part = client.body.substr(0, size);
  client.body.erase(0, size);
  client.mid_message = !client.body.empty();
  if (!client.mid_message && !client.closing) client.owed["http"] = 1;
  machine_.door().received(client.session, part, false, !client.mid_message, now_);
}

/// One answer, or a stream that begins with one; JSON, but for figures and lines.
void Crowd::hear_by_http(Client& client, std::string_view text) {
  const std::string_view name = client.dialect->name();
  SIGNALBOX_CHECK(client.answered["http"] == 0 || client.dialect->course() == protocol::Course::stream);
  client.answered["http"] = 1;
  if (!text.starts_with('{') && (name == "http.metrics" || name == "stream.influx")) {
    SIGNALBOX_CHECK(text.ends_with('\n'));
    return;
  }
  if (text.starts_with("event: ") || text.starts_with("retry: ")) {
    SIGNALBOX_CHECK(name == "http.events" && text.ends_with("}\n\n"));
    const std::size_t data = text.find("\ndata: {");
    SIGNALBOX_CHECK(data != std::string_view::npos);
    text.remove_prefix(data + 7);
    text.remove_suffix(2);
    SIGNALBOX_CHECK(text.find('\n') == std::string_view::npos);
  }
  SIGNALBOX_CHECK(JsonDocument{text}.top() != nullptr);
}

}  // namespace signalbox::fuzz
