#pragma once

#include <cstdint>
#include <string_view>

#include "link/http_answer.hpp"
#include "link/site.hpp"

namespace signalbox::link {

/// Whether what came where a TLS handshake is expected begins with a method of HTTP (RFC 9110 section 9.3,
/// RFC 5789) instead: somebody wrote `http://` for `https://`.
bool is_clear_http(std::string_view beginning);

/// What such a request is told: 400 in plain text, with the URL that would be right. Its host is the one of
/// the Host header, where that is one of ours and has come already, else `local`, our end's address as text;
/// its port that of the header, or `port`.
HttpAnswer clear_http_refusal(std::string_view beginning, const Site& site, std::string_view local,
                              std::uint16_t port);

}  // namespace signalbox::link
