#include "sim/storm/call.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;

/// `"paths":["a","b"]` as a parameter.
std::string query_of(std::string_view paths) {
  std::string query;
  for (const char c : paths.substr(paths.find('[') + 1))
    if (c != '"' && c != ']') query += c;
  return "paths=" + query + '\n';
}

/// Members of a payload that are numbers, as parameters.
std::string numbers_of(std::string_view payload) {
  std::string query;
  for (const std::string_view name : {"from", "to", "stepMs", "minPeriodMs", "periodMs", "deadband"}) {
    const std::size_t place = payload.find('"' + std::string{name} + "\":");
    if (place == std::string_view::npos) continue;
    const std::string_view value = payload.substr(place + name.size() + 3);
    query += std::string{name} + '=' + std::string{value.substr(0, value.find(','))} + '\n';
  }
  return query;
}

}  // namespace

Call call_of(const Asked& asked) {
  switch (asked.kind) {
    case Kind::log: return {"GET /v1/log", "http.events", "GET /v1/log\n\n", {}};
    case Kind::snapshot:
      return {"GET /v1/snapshot", "http", "GET /v1/snapshot\n" + query_of(asked.paths) + '\n', {}};
    case Kind::history: {
      const std::string paths = asked.payload.substr(0, asked.payload.find(']'));
      return {"GET /v1/history",
              "http",
              "GET /v1/history\n" + query_of(paths) + numbers_of(asked.payload) + '\n',
              {}};
    }
    case Kind::subscribe: {
      std::string query = query_of(asked.paths) + numbers_of(asked.payload);
      if (asked.policy.mode == RatePolicy::Mode::fixed) query += "mode=fixed\n";
      if (asked.events) query += "events=true\n";
      return {"GET /v1/events", "http.events", "GET /v1/events\n" + query + '\n', {}};
    }
    default:
      return {"POST /v1/command", "http", "POST /v1/command\n\n",
              R"({"msgId":")" + asked.id + "\"," + asked.payload + '}'};
  }
}

}  // namespace signalbox::sim::storm
