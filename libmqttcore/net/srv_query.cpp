#include "net/srv_query.hpp"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>

#include "base/system_error.hpp"
#include "net/question.hpp"

namespace mq {
namespace {

constexpr std::size_t header_size = NS_HFIXEDSZ;
constexpr std::size_t question_size = NS_QFIXEDSZ;  // behind its name
constexpr std::size_t record_size = NS_RRFIXEDSZ;   // the same, and before its data
constexpr std::size_t numbers_size = 3 * NS_INT16SZ;
constexpr std::size_t most_records = 256;  // nobody tries more hosts, and order costs time

// Walks over a message. ns_initparse() and its kin do so, too, but in libresolv, a library more to load at
// every start of a program; names, the delicate part, are the C library's.
class Cursor {
 public:
  explicit Cursor(Bytes message)
      : begin_(reinterpret_cast<const unsigned char*>(message.data())),
        at_(begin_),
        end_(begin_ + message.size()) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  bool skip(std::size_t count) {
    if (left() < count) return false;
    at_ += count;
    return true;
  }

  bool skip_name() {
    const int size = ::dn_skipname(at_, end_);
    return size >= 0 && skip(static_cast<std::size_t>(size));
  }

  // Of which there are enough left.
  std::uint16_t number() {
    const auto value = static_cast<std::uint16_t>(at_[0] << 8U | at_[1]);
    at_ += NS_INT16SZ;
    return value;
  }

  std::optional<std::string> name() {
    std::array<char, NS_MAXDNAME> text{};
    const int size = ::dn_expand(begin_, end_, at_, text.data(), static_cast<int>(text.size()));
    if (size < 0 || !skip(static_cast<std::size_t>(size))) return std::nullopt;
    return text.data();
  }

 private:
  const unsigned char* begin_;
  const unsigned char* at_;
  const unsigned char* end_;
};

std::optional<SrvRecord> parse_record(Cursor& cursor, std::size_t size) {
  const std::size_t behind = cursor.left() - size;
  if (size < numbers_size) return std::nullopt;
  SrvRecord record;
  record.priority = cursor.number();
  record.weight = cursor.number();
  record.port = cursor.number();
  auto target = cursor.name();
  if (!target || cursor.left() != behind) return std::nullopt;
  record.target = *std::move(target);
  return record;
}

}  // namespace

std::optional<std::vector<SrvRecord>> parse_srv_answer(Bytes message) {
  if (message.size() < header_size) return std::nullopt;
  Cursor cursor(message);
  cursor.skip(4);
  const std::uint16_t questions = cursor.number();
  const std::uint16_t answers = cursor.number();
  cursor.skip(4);
  for (std::uint16_t i = 0; i < questions; ++i) {
    if (!cursor.skip_name() || !cursor.skip(question_size)) return std::nullopt;
  }
  std::vector<SrvRecord> records;
  for (std::uint16_t i = 0; i < answers && records.size() < most_records; ++i) {
    if (!cursor.skip_name() || cursor.left() < record_size) return std::nullopt;
    const std::uint16_t type = cursor.number();
    const std::uint16_t its_class = cursor.number();
    cursor.skip(NS_INT32SZ);  // how long it may be kept
    const std::uint16_t size = cursor.number();
    if (cursor.left() < size) return std::nullopt;
    if (type != ns_t_srv || its_class != ns_c_in) {
      cursor.skip(size);
      continue;
    }
    auto record = parse_record(cursor, size);
    if (!record) return std::nullopt;
    records.push_back(*std::move(record));
  }
  return records;
}

Result<std::vector<SrvRecord>> query_srv(const std::string& name, const std::optional<Address>& server) {
  struct __res_state state{};
  if (::res_ninit(&state) != 0) return not_resolved(ErrorKind::connect, name, system_error(errno));
  if (server) {
    std::memcpy(&state.nsaddr_list[0], &server->storage, sizeof state.nsaddr_list[0]);
    state.nscount = 1;
  }
  Buffer answer(NS_MAXMSG, '\0');
  const int size =
      ::res_nquery(&state, name.c_str(), ns_c_in, ns_t_srv, reinterpret_cast<unsigned char*>(answer.data()),
                   static_cast<int>(answer.size()));
  const int why = state.res_h_errno;
  ::res_nclose(&state);
  if (size >= 0) {
    // It tells the size of the message, even of one that it had to cut.
    auto records = parse_srv_answer(Bytes(answer).substr(0, static_cast<std::size_t>(size)));
    if (records) return *std::move(records);
    return not_resolved(ErrorKind::connect, name, "the name server's answer is malformed");
  }
  if (why == HOST_NOT_FOUND || why == NO_DATA) return {};
  if (why == TRY_AGAIN) {
    return not_resolved(ErrorKind::connect, name, "the name server did not answer",
                        "check the network and /etc/resolv.conf");
  }
  return not_resolved(ErrorKind::connect, name, "the name server refused to answer");
}

std::vector<SrvRecord> in_srv_order(std::vector<SrvRecord> records, std::uint32_t seed) {
  // Those without a weight stand first among their equals, so that chance finds them at all.
  std::ranges::sort(records, [](const SrvRecord& a, const SrvRecord& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.weight == 0 && b.weight != 0;
  });
  std::minstd_rand random(seed);
  for (auto next = records.begin(); next != records.end(); ++next) {
    const auto end = std::find_if(next, records.end(),
                                  [next](const SrvRecord& each) { return each.priority != next->priority; });
    std::uint32_t sum = 0;
    std::for_each(next, end, [&sum](const SrvRecord& each) { sum += each.weight; });
    std::uint32_t mark = std::uniform_int_distribution<std::uint32_t>(0, sum)(random);
    auto chosen = next;
    while (mark > chosen->weight) mark -= (chosen++)->weight;
    std::rotate(next, chosen, chosen + 1);
  }
  return records;
}

bool is_host_name(const std::string& name) {
  return !name.empty() && !name.contains('\0') && ::res_hnok(name.c_str()) != 0;
}

}  // namespace mq
