#include "protocol/dialect.hpp"

#include <array>

#include "protocol/dialects/envelope.hpp"
#include "protocol/dialects/jsonrpc.hpp"

namespace signalbox::protocol {
namespace {

constexpr Envelope kEnvelope{};
constexpr JsonRpc kJsonRpc{};
constexpr std::array<const Dialect*, 2> kDialects{&kEnvelope, &kJsonRpc};
constexpr std::array<std::string_view, kDialects.size()> kNames{Envelope::kName, JsonRpc::kName};

}  // namespace

const Dialect& envelope() { return kEnvelope; }

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* dialect : kDialects)
    if (dialect->name() == name) return dialect;
  return nullptr;
}

std::span<const std::string_view> dialect_names() { return kNames; }

}  // namespace signalbox::protocol
