#include "app/entrance.hpp"

#include <algorithm>

namespace signalbox::app {
namespace {

/// Handshakes that may begin at once: more in a row would hold up the loop.
constexpr std::uint32_t kTogether = 4;
constexpr std::uint32_t kBurstOfNetwork = 32;
constexpr Rate kFruitless{.per_s = 1, .burst = 14};  // 8 at once, and one every two seconds
constexpr std::uint32_t kBrowsersConnections = 6;

/// Hands every element of a comma-separated list to `add`.
template <typename Add>
Result<void> add_each(const char* option, const char* list, Add&& add) {
  std::string_view rest = list != nullptr ? list : "";
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const Result<void> added = add(rest.substr(0, comma));
    if (!added) return Error{Reason::malformed, added.error().detail, option};
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

}  // namespace

link::AdmissionLimits admission_of(const Options& options, std::uint32_t spare_connections) {
  link::AdmissionLimits limits;
  limits.connections_per_network = options.connections_per_address;
  if (options.handshakes_per_s == 0) return limits;
  limits.handshakes = {options.handshakes_per_s, kTogether};
  limits.handshakes_per_network = {std::max(options.handshakes_per_s / 20, 1U), kBurstOfNetwork};
  limits.fruitless_per_network = kFruitless;
  limits.newcomers = std::max(spare_connections * 3 / 4, 1U);  // the rest: those that have just been dropped
  limits.newcomers_per_network = std::max(limits.newcomers / 4, kBrowsersConnections);
  return limits;
}

Result<link::Site> site_of(const Options& options, std::string_view host_name) {
  link::Site site;
  std::string_view address = options.address;
  address = address.substr(0, address.find('%'));  // a zone means nothing to the other side
  for (const std::string_view own : {std::string_view{"localhost"}, std::string_view{"127.0.0.1"},
                                     std::string_view{"::1"}, host_name, address})
    if (own != "0.0.0.0" && own != "::")
      (void)site.add_host(own);  // what is no name is none, as in the certificate
  const Result<void> hosts = add_each("--allow-host", options.allow_host,
                                      [&](std::string_view name) { return site.add_host(name); });
  if (!hosts) return hosts.error();
  const Result<void> origins = add_each("--allow-origin", options.allow_origin,
                                        [&](std::string_view origin) { return site.add_origin(origin); });
  if (!origins) return origins.error();
  return site;
}

}  // namespace signalbox::app
