#include "trust/subject_names.hpp"

#include <algorithm>

#include "base/fixed_text.hpp"
#include "base/log.hpp"
#include "trust/certificate.hpp"

namespace signalbox::trust {
namespace {

constexpr std::size_t kHostBytesMax = 253;

/// Letters, digits, `-` and `_` in levels joined by `.`; what else a machine calls itself fits no
/// certificate.
bool is_host(std::string_view host) {
  const auto is_right = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !host.empty() && host.size() <= kHostBytesMax && host.front() != '.' && host.back() != '.' &&
         host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), is_right);
}

void left_out(std::string_view name, const char* why) {
  log(Severity::warning, "certificate: left out the name '%.*s': %s", length(name), name.data(), why);
}

using Address = std::array<char, 16>;

/// Its size in bytes; 0 where it is none.
std::size_t read_address(std::string_view address, Address& into) {
  std::array<char, 64> text{};
  if (address.size() < text.size()) std::copy(address.begin(), address.end(), text.begin());
  return mbedtls_x509_crt_parse_cn_inet_pton(text.data(), into.data());
}

}  // namespace

bool is_address(std::string_view text) {
  Address bytes{};
  return read_address(text, bytes) != 0;
}

SubjectNames::SubjectNames(const Names& names) {
  add_host("localhost");
  add_address("127.0.0.1");
  add_address("::1");
  for (const std::string_view host : names.hosts) {
    add_host(host);
    if (first_host_.empty() && is_host(host)) first_host_ = host;
  }
  for (const std::string_view address : names.addresses) add_address(address);
}

bool SubjectNames::has(int type, std::string_view bytes) const {
  return std::any_of(nodes_.begin(), nodes_.begin() + count_, [=](const mbedtls_x509_san_list& each) {
    const mbedtls_x509_buf& name = each.node.san.unstructured_name;
    return each.node.type == type &&
           bytes == std::string_view{reinterpret_cast<const char*>(name.p), name.len};
  });
}

bool SubjectNames::are_of(const mbedtls_x509_crt& certificate) const {
  std::size_t found = 0;
  for (const mbedtls_x509_sequence* each = &certificate.subject_alt_names; each != nullptr;
       each = each->next) {
    const std::string_view bytes{reinterpret_cast<const char*>(each->buf.p), each->buf.len};
    if (!has(each->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK, bytes)) return false;
    ++found;
  }
  return found == count_;
}

void SubjectNames::add_host(std::string_view host) {
  if (!is_host(host)) return left_out(host, "no host name");
  add(MBEDTLS_X509_SAN_DNS_NAME, host, host);
  if (host != "localhost" && host.find('.') == std::string_view::npos) {
    const auto local = format_text<kHostBytesMax>("%.*s.local", length(host), host.data());
    add(MBEDTLS_X509_SAN_DNS_NAME, local, host);
  }
}

void SubjectNames::add_address(std::string_view address) {
  Address bytes{};
  const std::size_t size = read_address(address, bytes);
  if (size == 0) return left_out(address, "no IPv4 or IPv6 address");
  add(MBEDTLS_X509_SAN_IP_ADDRESS, {bytes.data(), size}, address);
}

void SubjectNames::add(int type, std::string_view bytes, std::string_view as_given) {
  if (has(type, bytes)) return;
  if (count_ == kNamesMax) return left_out(as_given, "the certificate is full");
  std::copy(bytes.begin(), bytes.end(), bytes_[count_].begin());
  mbedtls_x509_san_list& node = nodes_[count_];
  node.node.type = type;
  node.node.san.unstructured_name.p = bytes_[count_].data();
  node.node.san.unstructured_name.len = bytes.size();
  if (count_ > 0) nodes_[count_ - 1].next = &node;
  ++count_;
}

}  // namespace signalbox::trust
