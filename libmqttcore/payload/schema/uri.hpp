// URIs as JSON Schema uses them: references resolved against a base (RFC 3986, 5.2), fragments split off, and
// files by their URI.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mq {

struct UriAndFragment {
  std::string_view uri;
  std::string_view fragment;  // without '#', still percent-encoded
};
UriAndFragment split_fragment(std::string_view reference);

// `reference` without a fragment, made absolute; `base` is absolute.
std::string resolved_uri(std::string_view base, std::string_view reference);

// What stands between authority and query.
std::string_view path_of_uri(std::string_view uri);

std::string uri_of_file(std::string_view absolute_path);
std::optional<std::string> file_of_uri(
    std::string_view uri);  // nullopt unless it is a file: URI of this host

}  // namespace mq
