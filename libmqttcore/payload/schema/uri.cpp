#include "payload/schema/uri.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The components of RFC 3986, 3, each with its delimiter, so that absent and empty stay different.
struct Components {
  std::string_view scheme;     // "http:"
  std::string_view authority;  // "//host:80"
  std::string_view path;
  std::string_view query;  // "?a=b"
};

Components components_of(std::string_view uri) {
  Components parts;
  const std::size_t colon = uri.find_first_of(":/?#");
  if (colon != std::string_view::npos && colon > 0 && uri[colon] == ':' && is_letter(uri[0]) &&
      std::ranges::all_of(uri.substr(0, colon), [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
      })) {
    parts.scheme = uri.substr(0, colon + 1);
    uri.remove_prefix(colon + 1);
  }
  if (uri.starts_with("//")) {
    parts.authority = uri.substr(0, uri.find_first_of("/?", 2));
    uri.remove_prefix(parts.authority.size());
  }
  parts.path = uri.substr(0, uri.find('?'));
  parts.query = uri.substr(parts.path.size());
  return parts;
}

// RFC 3986, 5.2.4.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path.size() > 3 ? path.substr(3) : std::string_view("/");
      out.erase(std::min(out.rfind('/'), out.size()));
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      const std::size_t next = std::min(path.find('/', 1), path.size());
      out += path.substr(0, next);
      path.remove_prefix(next);
    }
  }
  return out;
}

std::string joined(std::string_view scheme, std::string_view authority, std::string_view path,
                   std::string_view query) {
  std::string uri(scheme);
  uri.append(authority).append(path).append(query);
  return uri;
}

}  // namespace

UriAndFragment split_fragment(std::string_view reference) {
  const std::size_t hash = std::min(reference.find('#'), reference.size());
  return {reference.substr(0, hash), reference.substr(std::min(hash + 1, reference.size()))};
}

std::string resolved_uri(std::string_view base, std::string_view reference) {
  const Components to = components_of(reference);
  const Components from = components_of(base);
  if (!to.scheme.empty()) {
    const bool hierarchical = !to.authority.empty() || to.path.starts_with('/');
    return joined(to.scheme, to.authority, hierarchical ? without_dots(to.path) : std::string(to.path),
                  to.query);
  }
  if (!to.authority.empty()) return joined(from.scheme, to.authority, without_dots(to.path), to.query);
  if (to.path.empty())
    return joined(from.scheme, from.authority, from.path, to.query.empty() ? from.query : to.query);
  if (to.path.starts_with('/')) return joined(from.scheme, from.authority, without_dots(to.path), to.query);
  std::string path;
  if (!from.authority.empty() && from.path.empty()) path = "/";
  path.append(from.path.substr(0, from.path.rfind('/') + 1)).append(to.path);
  return joined(from.scheme, from.authority, without_dots(path), to.query);
}

std::string_view path_of_uri(std::string_view uri) { return components_of(uri).path; }

std::string uri_of_file(std::string_view absolute_path) {
  std::string uri = "file://";
  for (const char c : absolute_path) {
    if (is_letter(c) || is_digit(c) || std::string_view("-._~/").contains(c)) {
      uri += c;
    } else {
      uri.append("%").append(to_hex(Bytes(&c, 1), true));
    }
  }
  return uri;
}

std::optional<std::string> file_of_uri(std::string_view uri) {
  const Components parts = components_of(uri);
  if (parts.scheme != "file:" || parts.authority.size() > 2 || !parts.path.starts_with('/'))
    return std::nullopt;
  auto path = percent_decoded(parts.path);
  if (path && path->contains('\0')) return std::nullopt;
  return path;
}

}  // namespace mq
