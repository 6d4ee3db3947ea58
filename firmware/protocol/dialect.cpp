#include "protocol/dialect.hpp"

#include <array>

#include "protocol/dialects/envelope.hpp"
#include "protocol/dialects/http.hpp"
#include "protocol/dialects/jsonrpc.hpp"
#include "protocol/dialects/stream.hpp"

namespace signalbox::protocol {
namespace {

constexpr Envelope kEnvelope{};
constexpr JsonRpc kJsonRpc{};
constexpr Http kHttp{};
constexpr HttpEvents kHttpEvents{};
constexpr HttpMetrics kHttpMetrics{};
constexpr FlatStream kFlatStream{};
constexpr LongStream kLongStream{};
constexpr InfluxStream kInfluxStream{};
constexpr std::array<const Dialect*, 8> kDialects{&kEnvelope,    &kJsonRpc,    &kHttp,       &kHttpEvents,
                                                  &kHttpMetrics, &kFlatStream, &kLongStream, &kInfluxStream};
constexpr std::array kNames{Envelope::kName, JsonRpc::kName};

}  // namespace

const Dialect& envelope() { return kEnvelope; }

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* dialect : kDialects)
    if (dialect->name() == name) return dialect;
  return nullptr;
}

std::span<const std::string_view> dialect_names() { return kNames; }

}  // namespace signalbox::protocol
